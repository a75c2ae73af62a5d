"""The transport `smtp`: any mail server that speaks SMTP."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import ClassVar

from transports.checks import Check, DnsExpectation
from transports.contract import Capability, Delivery, Limits, OutgoingMail, Settings, Transport
from transports.fields import Choice, Field, FieldProblem, Integer, Secret, Text
from transports.net import Net
from transports.oauth import AccessTokens
from transports.smtp.account import Account, account_of
from transports.smtp.checking import problems
from transports.smtp.line import Line
from transports.smtp.manners import WIDEST, Manners
from transports.smtp.patience import PROBING, Patience
from transports.smtp.pool import Pool
from transports.smtp.probe import walk
from transports.smtp.providers import expectations
from transports.smtp.session import Session
from transports.smtp.supply import Supply


class SmtpTransport(Transport):
    """Sends over a pool of kept connections, one recipient a transaction."""

    kind: ClassVar[str] = "smtp"
    label: ClassVar[str] = "My own SMTP server"
    summary: ClassVar[str] = (
        "Your host, your reputation, your control. Any provider that gives you an SMTP login."
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.RETURN_PATH})
    limits: ClassVar[Limits] = Limits(connections=20, window=WIDEST)
    patience: ClassVar[Patience] = Patience()
    patience_of_probe: ClassVar[Patience] = PROBING
    fields: ClassVar[tuple[Field, ...]] = (
        Text(
            name="host",
            label="SMTP host name",
            required=True,
            destination=True,
            placeholder="smtp.example.com",
        ),
        Integer(
            name="port",
            label="Port",
            required=True,
            default=587,
            minimum=1,
            maximum=65535,
            destination=True,
        ),
        Choice(
            name="security",
            label="Encryption (SSL/TLS)",
            help="Port 587 goes with STARTTLS, 465 with TLS from the start.",
            options=(("starttls", "STARTTLS, required"), ("tls", "TLS from the start"), ("none", "None")),
            default="starttls",
            destination=True,
        ),
        Text(name="username", label="User name", destination=True),
        Secret(name="password", label="Password", help="Kept encrypted. It never comes back to this page."),
        Choice(
            name="auth",
            label="Way to sign in",
            help="Automatic fits nearly always. XOAUTH2 signs in with a refresh token, as Google and Microsoft want it, "
            "or with an access token as the password.",
            options=(("auto", "Automatic"), ("plain", "PLAIN"), ("login", "LOGIN"), ("xoauth2", "XOAUTH2")),
            default="auto",
            destination=True,
            advanced=True,
        ),
        Text(
            name="client_id",
            label="Client ID",
            help="Of the application that you registered at the provider.",
            when=("auth", ("xoauth2",)),
            destination=True,
            advanced=True,
        ),
        Secret(
            name="client_secret",
            label="Client secret",
            help="Empty if the provider gave you none.",
            when=("auth", ("xoauth2",)),
            advanced=True,
        ),
        Secret(
            name="refresh_token",
            label="Refresh token",
            help="With it we fetch access tokens by ourselves. It must have been granted for SMTP.",
            when=("auth", ("xoauth2",)),
            advanced=True,
        ),
        Text(
            name="token_url",
            label="Token address",
            help="Where access tokens are fetched. Empty for Google and Microsoft: theirs are known.",
            placeholder="https://auth.example.com/token",
            when=("auth", ("xoauth2",)),
            destination=True,
            advanced=True,
        ),
        Integer(
            name="window",
            label="Mails on the way per connection",
            help="Counts where the server offers CHUNKING. 1 is the safest: when a line breaks, one mail of each "
            "connection may or may not have gone. With 4, a server far away takes up to four times as many a second, "
            "and up to four mails of each connection are uncertain.",
            default=1,
            minimum=1,
            maximum=WIDEST,
            advanced=True,
        ),
        Text(
            name="helo_name",
            label="EHLO name",
            help="How we introduce ourselves, such as mail.example.com. Empty: this machine's own name.",
            max_length=255,
            advanced=True,
        ),
        Text(
            name="ca_pem",
            label="Certificate authority",
            help="Only for a server with a certificate of your own authority: paste that authority's PEM. "
            "It counts for the token address, too.",
            multiline=True,
            destination=True,
            advanced=True,
        ),
    )

    def __init__(self, settings: Settings, *, net: Net, log: logging.Logger) -> None:
        super().__init__(settings, net=net, log=log)
        self._pool: Pool | None = None
        self._tokens = AccessTokens(self.net, lambda: self.keeper)

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        return problems(settings)

    @classmethod
    def dns(cls, settings: Settings, domain: str) -> list[DnsExpectation]:
        return expectations(str(settings.get("host") or ""), domain)

    def account(self) -> Account:
        """Where to, and as whom; raises `SettingsError` if that is not known."""
        return account_of(self.settings)

    def open(self, connections: int = 1) -> None:
        super().open(connections)
        if self._pool is None:
            self.account()
            manners = Manners(window=int(self.settings.get("window") or 1))
            self._pool = Pool(self._open_line, manners, self.patience, self.log)
        self._pool.resize(self.connections)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def send(self, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
        if self._pool is None:
            self.open(self.connections)
        assert self._pool is not None
        return self._pool.send(Supply(mails, self.refuse_unsupported))

    def probe(self, sender: str) -> list[Check]:
        return walk(self.account, self.net, self.log, self.patience_of_probe, sender, self.keeper)

    def _open_line(self, manners: Manners) -> Line:
        session = Session(
            self.account(), net=self.net, log=self.log, patience=self.patience, tokens=self._tokens
        )
        session.start()
        return Line(session, manners, self.patience)
