"""Which region, whose key, and where the service answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from transports.contract import Settings
from transports.deadline import Deadline
from transports.errors import SettingsError
from transports.net import HttpReply, Net
from transports.ses.signing import signed

SEND = "/v2/email/outbound-emails"
ACCOUNT = "/v2/email/account"


@dataclass(frozen=True, slots=True)
class Account:
    """Never prints its secret."""

    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str = ""
    configuration_set: str = ""

    @property
    def base(self) -> str:
        """The address that the API's paths are added to."""
        if self.endpoint:
            return self.endpoint.rstrip("/")
        domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://email.{self.region}.{domain}"

    def call(self, net: Net, method: str, path: str, body: bytes, seconds: float) -> HttpReply:
        """One signed request, never repeated; raises what `Net.http` raises."""
        url = self.base + path
        headers = signed(method, url, body, self.region, self.access_key_id, self.secret_access_key)
        return net.http(method, url, headers=headers, body=body, deadline=Deadline(seconds))


def account_of(settings: Settings) -> Account:
    """The account in the cleaned settings; raises `SettingsError` if something that signs is missing."""
    text = {name: str(settings.get(name) or "").strip() for name in _NAMES}
    if not (text["region"] and text["access_key_id"] and text["secret_access_key"]):
        raise SettingsError(
            "The settings name no SES account.", hint="Fill in region, access key ID and secret access key."
        )
    return Account(**text)


def fields_of(reply: HttpReply) -> dict[str, Any]:
    """The JSON object in an answer; empty if there is none."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


_NAMES = ("region", "access_key_id", "secret_access_key", "endpoint", "configuration_set")
