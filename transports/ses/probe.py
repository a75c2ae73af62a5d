"""The connection test for SES: the API is asked about the account; nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from transports.checks import Check, Step, Verdict
from transports.deadline import Deadline
from transports.errors import AuthError, MaybeSent, PermanentError, TemporaryError, TransportError
from transports.net import WEB_PORTS, Destination, HttpReply, Net
from transports.ses.account import ACCOUNT, Account, fields_of
from transports.ses.answers import kind_of, trouble, words_of

_SECONDS = 15.0
_Find = Callable[[], tuple[Verdict, str, str]]


def walk(account: Callable[[], Account], net: Net, sender: str) -> list[Check]:
    """Every step, also those that were not reached; never raises."""
    probe = _Probe(account, net, sender)
    steps: dict[Step, _Find] = {
        Step.RESOLVE: probe.resolve,
        Step.CONNECT: probe.connect,
        Step.ENCRYPT: probe.encrypt,
        Step.LOGIN: probe.login,
        Step.SENDER: probe.ask_sender,
    }
    checks: list[Check] = []
    for step, find in steps.items():
        started = time.monotonic()
        try:
            verdict, said, words = find()
        except Exception as error:  # a connection test never raises
            checks.append(_failed(step, error, round((time.monotonic() - started) * 1000)))
            break
        checks.append(Check(step, verdict, said, words, took_ms=round((time.monotonic() - started) * 1000)))
    return [*checks, *(Check(step, Verdict.SKIP, words="not reached") for step in list(Step)[len(checks) :])]


class _Probe:
    def __init__(self, account: Callable[[], Account], net: Net, sender: str) -> None:
        self._account_of, self._net, self._sender = account, net, sender
        self._account: Account | None = None
        self._destination: Destination | None = None
        self._reply: HttpReply | None = None

    @property
    def account(self) -> Account:
        self._account = self._account or self._account_of()
        return self._account

    def resolve(self) -> tuple[Verdict, str, str]:
        url = urlsplit(self.account.base)
        port = url.port or (443 if url.scheme == "https" else 80)
        self._destination = self._net.resolve(url.hostname or "", port, Deadline(_SECONDS), ports=WEB_PORTS)
        return Verdict.PASS, "", f"{url.hostname} is {', '.join(self._destination.addresses[:4])}."

    def connect(self) -> tuple[Verdict, str, str]:
        assert self._destination is not None
        self._net.connect_to(self._destination, Deadline(_SECONDS)).close()
        return Verdict.PASS, "", f"Port {self._destination.port} answered."

    def encrypt(self) -> tuple[Verdict, str, str]:
        assert self._destination is not None
        if urlsplit(self.account.base).scheme != "https":
            return Verdict.SKIP, "", "Not encrypted, as the endpoint says."
        deadline = Deadline(_SECONDS)
        line = self._net.connect_to(self._destination, deadline)
        with self._net.encrypt(line, self._destination.host, deadline) as secure:
            version = (secure.version() or "").replace("TLSv", "TLS ")
        return Verdict.PASS, "", f"{version}. The certificate matches the host name."

    def login(self) -> tuple[Verdict, str, str]:
        reply = self.account.call(self._net, "GET", ACCOUNT, b"", _SECONDS)
        if kind_of(reply).startswith("AccessDenied"):
            return Verdict.PASS, words_of(reply), "The key is known. It may not ask about the account."
        error = trouble(reply)
        if error is not None:
            raise error
        if reply.status != 200:
            raise TemporaryError("SES could not answer.", words_of(reply), "Try again in a minute.")
        self._reply = reply
        return Verdict.PASS, "200", f"Signed in with the key {self.account.access_key_id}."

    def ask_sender(self) -> tuple[Verdict, str, str]:
        if self._reply is None:
            return Verdict.SKIP, "", "Not asked: the key may not see the account. Send a test mail instead."
        found = fields_of(self._reply)
        if found.get("SendingEnabled") is False:
            hint = "See the reputation page of the SES console."
            raise PermanentError(
                "Sending is switched off for this account.", str(found.get("EnforcementStatus", "")), hint
            )
        if found.get("ProductionAccessEnabled") is False:
            sandbox = "The account is in the sandbox: it can only mail to verified addresses."
            return Verdict.PASS, "", f"{sandbox} Ask AWS for production access."
        return Verdict.PASS, "", "The account may send. Nothing was sent."


def _failed(step: Step, error: Exception, took_ms: int) -> Check:
    said, words, remedies = type(error).__name__, "The step failed.", list[str]()
    if isinstance(error, (TransportError, MaybeSent)):
        said, words = error.detail, getattr(error, "reason", str(error))
        remedies = [getattr(error, "hint", "") or "Try again in a minute."]
    if isinstance(error, AuthError):
        remedies += [
            "Make a new access key in IAM and paste both halves.",
            "See that the region is the right one.",
        ]
    if step is Step.RESOLVE:
        remedies.append("Check region and endpoint.")
    return Check(step, Verdict.FAIL, said, words, tuple(dict.fromkeys(remedies))[:3], took_ms)
