"""Which server, how encrypted, and as whom: the settings of one SMTP session."""

from __future__ import annotations

from dataclasses import dataclass, field

from transports.contract import Settings
from transports.errors import SettingsError
from transports.oauth import Client
from transports.smtp.providers import token_url


@dataclass(frozen=True, slots=True)
class Account:
    """Never prints its secrets."""

    host: str
    port: int
    security: str = "starttls"  # none | starttls | tls
    auth: str = "auto"  # auto | plain | login | xoauth2
    username: str = ""
    password: str = field(default="", repr=False)
    ca_pem: str = field(default="", repr=False)
    helo_name: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    token_url: str = ""

    @property
    def client(self) -> Client:
        """Who fetches the access tokens for it."""
        return Client(self.client_id, self.client_secret, self.refresh_token, self.token_url, self.ca_pem)

    @property
    def refreshes(self) -> bool:
        """Whether the access token for XOAUTH2 is fetched, not typed."""
        return self.auth == "xoauth2" and bool(self.refresh_token)


def account_of(settings: Settings) -> Account:
    """The account in the cleaned settings of an `smtp` server; raises `SettingsError` if they name no server."""
    port = settings.get("port") or 587
    if not settings.get("host") or not isinstance(port, int):
        raise SettingsError("The settings name no mail server.", hint="Fill in host name and port.")
    host = str(settings["host"]).strip()
    values = {name: settings.get(name) or "" for name in _TEXTS}
    values["token_url"] = values["token_url"] or token_url(host)
    return Account(
        host=host,
        port=port,
        security=str(settings.get("security") or "starttls"),
        auth=str(settings.get("auth") or "auto"),
        **{name: str(value) for name, value in values.items()},
    )


_TEXTS = (
    "username", "password", "ca_pem", "helo_name", "client_id", "client_secret", "refresh_token", "token_url"
)  # fmt: skip
