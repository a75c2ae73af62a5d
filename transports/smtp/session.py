"""One connection until it is ready for mail: connect, greet, encrypt, sign in. Each step is its own method.

This part talks in lock-step and waits; it runs beside the sending loop, and the connection test walks through it.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from dataclasses import replace
from urllib.parse import urlsplit

from transports.deadline import Deadline
from transports.errors import PermanentError, SettingsError, TemporaryError
from transports.net import Destination, Net
from transports.oauth import AccessTokens
from transports.smtp import login
from transports.smtp.account import Account
from transports.smtp.features import Features, features_of
from transports.smtp.patience import Patience
from transports.smtp.replies import BadReply, Reply, ReplyParser
from transports.smtp.tls_trouble import tls_trouble
from transports.smtp.verdicts import refused_login, refused_session
from transports.smtp.wire import LineLost, TooSlow, Wire

_FQDN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.IGNORECASE)


class Session:
    """Says everything that comes before the first envelope. Raises only `TransportError`s."""

    def __init__(
        self,
        account: Account,
        *,
        net: Net,
        log: logging.Logger,
        patience: Patience,
        tokens: AccessTokens,
    ) -> None:
        self.account = account
        self.features = Features()
        self.greeting: Reply | None = None
        self._net, self._log, self._patience = net, log, patience
        self._tokens = tokens
        self._secrets = login.secrets_said(account) if account.password or account.refreshes else ()
        self._parser = ReplyParser()
        self._unasked = False  # bytes came after the reply that we asked for
        self._wire: Wire | None = None
        self._destination: Destination | None = None

    @property
    def wire(self) -> Wire:
        assert self._wire is not None, "connect() comes first"
        return self._wire

    @property
    def peer(self) -> str:
        return f"{self.account.host}[{self.wire.peer}]:{self.account.port}"

    def start(self) -> None:
        """All steps at once."""
        try:
            self.resolve()
            self.connect()
            self.encrypt()
            self.sign_in()
        except BaseException:
            self.close()
            raise

    def resolve(self) -> Destination:
        """Find the host's addresses and have them vetted."""
        account, deadline = self.account, Deadline(self._patience.connect)
        self._destination = self._net.resolve(account.host, account.port, deadline)
        self._refuse_clear_text(self._destination)
        return self._destination

    def connect(self) -> None:
        """Reach the server, and unless TLS comes first, hear its greeting and what it offers."""
        assert self._destination is not None, "resolve() comes first"
        try:
            self._wire = Wire(self._net.connect_to(self._destination, Deadline(self._patience.connect)))
        except LineLost as lost:
            raise TemporaryError("The server hangs up as soon as we connect.", str(lost), _LATER) from None
        if self.account.security != "tls":
            self._hello()

    def encrypt(self) -> None:
        """Encrypt as the settings ask; never goes on in clear text instead."""
        if self.account.security == "starttls":
            self._starttls()
        if self.account.security != "none":
            self._shake_hands()
        if self.account.security == "tls":
            self._hello()
        elif self.account.security == "starttls":
            self._ehlo()  # what was said before the handshake counts for nothing (RFC 3207 §4.2)

    def sign_in(self) -> Reply | None:
        """AUTH, if there is a user name."""
        if not self.account.username:
            return None
        mechanism = login.mechanism(self.account, self.features.auth)
        if self.account.refreshes:
            reply = self._sign_in_by_token(mechanism)
        else:
            reply = self._sign_in_as(self.account, mechanism)
        if not reply.ok:
            raise refused_login(reply, by_token=mechanism == "XOAUTH2")
        return reply

    @property
    def token_source(self) -> str:
        """The host that gives us access tokens, if one does."""
        return (urlsplit(self.account.token_url).hostname or "") if self.account.refreshes else ""

    def _sign_in_by_token(self, mechanism: str) -> Reply:
        """With the token at hand, and if the server does not take it, once more with a new one."""
        token = self._tokens.get(self.account.client)
        reply = self._sign_in_as(replace(self.account, password=token), mechanism)
        if reply.code == 535:
            self._tokens.forget(token)
            token = self._tokens.get(self.account.client)
            reply = self._sign_in_as(replace(self.account, password=token), mechanism)
        return reply

    def _sign_in_as(self, account: Account, mechanism: str) -> Reply:
        self._secrets = login.secrets_said(account)
        reply = Reply(334)
        for step in login.steps(mechanism, account):
            if reply.code != 334:
                break
            reply = self.ask(step, self._patience.command, doing="signing in")
        return reply

    def ask(self, command: bytes, seconds: float, *, doing: str) -> Reply:
        """Say this and hear the answer, with our secrets blotted out of it."""
        try:
            reply = self._exchange(command, Deadline(seconds))
            if self._unasked:
                raise BadReply("the server says more than it was asked")
            return reply
        except LineLost as lost:
            raise TemporaryError(f"The line broke while {doing}.", str(lost), _LATER) from lost
        except BadReply as bad:
            words = login.without(Reply(500, (str(bad),)), self._secrets).lines[0]
            raise TemporaryError(
                f"The server's answer while {doing} makes no sense.", words, _NO_SMTP
            ) from None

    def close(self) -> None:
        """Hang up; saying QUIT is a courtesy whose answer nobody waits for."""
        if self._wire is not None:
            try:
                self._wire.write(b"QUIT\r\n")
            except LineLost:
                pass
            self._wire.close()

    def _hello(self) -> None:
        reply = self.ask(b"", self._patience.greeting, doing="greeting")
        if reply.code != 220:
            raise refused_session("the greeting", reply)
        self.greeting = reply
        self._ehlo()

    def _ehlo(self) -> None:
        name = self.account.helo_name or own_name(self.wire)
        reply = self.ask(
            b"EHLO %s\r\n" % name.encode("ascii", "replace"), self._patience.command, doing="greeting"
        )
        if reply.code in (500, 502) and self.account.security == "none" and not self.account.username:
            reply = self.ask(
                b"HELO %s\r\n" % name.encode("ascii", "replace"), self._patience.command, doing="greeting"
            )
            reply = Reply(reply.code, reply.lines[:1])
        if not reply.ok:
            raise refused_session("EHLO", reply)
        self.features = features_of(reply)

    def _starttls(self) -> None:
        if not self.features.starttls:
            reason = "The server offers no STARTTLS on this port."
            raise SettingsError(reason, "EHLO names no STARTTLS", "Try port 465 with TLS from the start.")
        try:
            reply = self._exchange(b"STARTTLS\r\n", Deadline(self._patience.command))
            injected = self._unasked or self.wire.read()
        except (LineLost, BadReply) as trouble:
            raise TemporaryError("The line broke at STARTTLS.", str(trouble), _LATER) from None
        if injected:
            hint = "Somebody may sit between you and the server. Ask your provider."
            raise PermanentError("The server spoke before the line was encrypted.", "bytes after 220", hint)
        if reply.code != 220:
            raise refused_session("STARTTLS", reply)

    def _shake_hands(self) -> None:
        host = self.account.host
        try:
            context = self._net.tls_context(self.account.ca_pem)
            self.wire.encrypt(context, host, Deadline(self._patience.handshake))
        except ssl.SSLError as error:
            raise tls_trouble(error) from None
        except LineLost as lost:
            raise TemporaryError("The line broke while starting TLS.", str(lost), _LATER) from None
        self._parser = ReplyParser()
        self.features = Features()

    def _refuse_clear_text(self, destination: Destination) -> None:
        if self.account.security != "none" or destination.clear_text_allowed:
            return
        hint = "Choose STARTTLS or TLS from the start"
        if self.account.username:
            reason = "A password never goes over a line that is not encrypted."
            raise SettingsError(reason, "AUTH not tried", f"{hint}, or remove the user name.")
        if not destination.listed:
            reason = "Mail to this server would travel unencrypted through the net."
            raise SettingsError(reason, "", f"{hint}, or ask the operator to list the server.")

    def _exchange(self, command: bytes, deadline: Deadline) -> Reply:
        self.wire.write_by(command, deadline)
        replies: list[Reply] = []
        while not replies:
            if deadline.passed:
                raise TooSlow("The server did not answer in time.")
            replies = list(self._parser.feed(self.wire.read_by(deadline)))
        self._unasked = len(replies) > 1 or self._parser.mid_reply
        return login.without(replies[0], self._secrets)


_LATER = "It is tried again by itself. If it stays so, check host name, port and encryption."
_NO_SMTP = "Check host name and port: this may not be a mail server, or it wants TLS from the start."


def own_name(wire: Wire) -> str:
    """How we introduce ourselves: this machine's full name, or the address that the server sees."""
    name = socket.gethostname()
    if _FQDN.fullmatch(name):
        return name
    address = wire.local_address()
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
