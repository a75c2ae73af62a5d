"""Which server, how encrypted, and as whom: the settings of one SMTP session."""

from __future__ import annotations

from dataclasses import dataclass, field

from transports.contract import Settings


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
    """The account in the cleaned settings of an `smtp` server."""
    values = {name: settings.get(name) or "" for name in ("username", "password", "ca_pem", "helo_name")}
    return Account(
        host=str(settings["host"]).strip(),
        port=int(settings.get("port") or 587),
        security=str(settings.get("security") or "starttls"),
        auth=str(settings.get("auth") or "auto"),
        **{name: str(value) for name, value in values.items()},
    )
