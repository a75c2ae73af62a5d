"""Which server, how encrypted, and as whom: the settings of one SMTP session."""

from __future__ import annotations

from dataclasses import dataclass, field

from transports.contract import Settings
from transports.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Account:
    """Never prints its password."""

    host: str
    port: int
    security: str = "starttls"  # none | starttls | tls
    auth: str = "auto"  # auto | plain | login | xoauth2
    username: str = ""
    password: str = field(default="", repr=False)
    ca_pem: str = field(default="", repr=False)
    helo_name: str = ""


def account_of(settings: Settings) -> Account:
    """The account in the cleaned settings of an `smtp` server; raises `SettingsError` if they name no server."""
    port = settings.get("port") or 587
    if not settings.get("host") or not isinstance(port, int):
        raise SettingsError("The settings name no mail server.", hint="Fill in host name and port.")
    values = {name: settings.get(name) or "" for name in ("username", "password", "ca_pem", "helo_name")}
    return Account(
        host=str(settings["host"]).strip(),
        port=port,
        security=str(settings.get("security") or "starttls"),
        auth=str(settings.get("auth") or "auto"),
        **{name: str(value) for name, value in values.items()},
    )
