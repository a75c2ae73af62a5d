"""The transport `relay`: SMTP to the server in the operator's configuration. There is nothing to fill in."""

from __future__ import annotations

import logging
from typing import ClassVar

from transports.checks import DnsExpectation
from transports.contract import Settings
from transports.errors import SettingsError
from transports.fields import Field, FieldProblem
from transports.net import Net
from transports.relay.address import account_of
from transports.smtp.account import Account
from transports.smtp.providers import expectations
from transports.smtp.transport import SmtpTransport


class RelayTransport(SmtpTransport):
    """Its only setting, `url`, comes from the host and never from a form. Private destinations are allowed to it."""

    kind: ClassVar[str] = "relay"
    label: ClassVar[str] = "Platform relay"
    summary: ClassVar[str] = (
        "The mail server of whoever runs this Offerpost. Works at once; delivery isn't guaranteed."
    )
    fields: ClassVar[tuple[Field, ...]] = ()

    def __init__(self, settings: Settings, *, net: Net, log: logging.Logger) -> None:
        super().__init__(settings, net=net.for_operator(), log=log)

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        try:
            account_of(str(settings.get("url") or ""))
        except SettingsError as error:
            return [FieldProblem("", f"{error.reason} {error.hint}".strip())]
        return []

    @classmethod
    def dns(cls, settings: Settings, domain: str) -> list[DnsExpectation]:
        try:
            return expectations(account_of(str(settings.get("url") or "")).host, domain)
        except SettingsError:
            return []

    def account(self) -> Account:
        return account_of(str(self.settings.get("url") or ""))
