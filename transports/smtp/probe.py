"""The connection test: the same steps as a real session, one at a time, each with words and remedies."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from transports.checks import Check, Step, Verdict
from transports.errors import TransportError
from transports.keeping import Keeper
from transports.net import Net
from transports.oauth import AccessTokens
from transports.smtp.account import Account
from transports.smtp.certificates import described
from transports.smtp.commands import Unfit, envelope
from transports.smtp.patience import Patience
from transports.smtp.remedies import remedies
from transports.smtp.replies import Reply
from transports.smtp.session import Session
from transports.smtp.verdicts import trouble_with_sender

_TITLES = {
    Step.RESOLVE: "The host could not be found.",
    Step.CONNECT: "The server could not be reached.",
    Step.ENCRYPT: "The line could not be encrypted.",
    Step.LOGIN: "The server refused to let us in.",
    Step.SENDER: "The sender could not be asked about.",
}
_Find = Callable[[], tuple[Verdict, str, str]]


def walk(
    account: Callable[[], Account],
    net: Net,
    log: logging.Logger,
    patience: Patience,
    sender: str,
    keeper: Keeper,
) -> list[Check]:
    """Every step, also those that were not reached. Sends nothing and never raises."""
    try:
        tokens = AccessTokens(net, lambda: keeper)
        session = Session(account(), net=net, log=log, patience=patience, tokens=tokens)
    except TransportError as error:
        return _refused(Step.RESOLVE, error, None, 0)
    except Exception as error:
        fault = TransportError("These settings can't be used.", type(error).__name__, "Type them again.")
        return _refused(Step.RESOLVE, fault, None, 0)
    probe = _Probe(session, sender)
    try:
        return probe.run()
    finally:
        session.close()


class _Probe:
    def __init__(self, session: Session, sender: str) -> None:
        self._session, self._sender = session, sender

    def run(self) -> list[Check]:
        steps: dict[Step, _Find] = {
            Step.RESOLVE: self._resolve,
            Step.CONNECT: self._connect,
            Step.ENCRYPT: self._encrypt,
            Step.LOGIN: self._login,
            Step.SENDER: self._ask_sender,
        }
        checks: list[Check] = []
        for step, find in steps.items():
            started = time.monotonic()
            try:
                verdict, said, words = find()
            except TransportError as error:
                return checks + _refused(step, error, self._session.account, _ms(started))
            except Exception as error:  # a connection test never raises
                fault = TransportError(_TITLES[step], type(error).__name__)
                return checks + _refused(step, fault, self._session.account, _ms(started))
            checks.append(Check(step, verdict, said, words, took_ms=_ms(started)))
        return checks

    def _resolve(self) -> tuple[Verdict, str, str]:
        found = self._session.resolve()
        return Verdict.PASS, "", f"{found.host} is {', '.join(found.addresses[:4])}."

    def _connect(self) -> tuple[Verdict, str, str]:
        self._session.connect()
        port = self._session.account.port
        return Verdict.PASS, self._greeting(), f"Port {port} answered."

    def _encrypt(self) -> tuple[Verdict, str, str]:
        if self._session.account.security == "none":
            return Verdict.SKIP, "", "Not encrypted, as the settings say."
        self._session.encrypt()
        wire = self._session.wire
        return Verdict.PASS, self._greeting(), described(wire.tls, wire.certificate)

    def _login(self) -> tuple[Verdict, str, str]:
        user = self._session.account.username
        if not user:
            return Verdict.SKIP, "", "No user name, so nobody signs in."
        reply = self._session.sign_in()
        by = self._session.token_source
        words = f"Signed in as {user}" + (f", with an access token from {by}." if by else ".")
        return Verdict.PASS, reply.words if reply else "", words

    def _ask_sender(self) -> tuple[Verdict, str, str]:
        try:
            said = envelope(self._sender, "postmaster@example.com", b"", self._session.features)
        except Unfit as why:
            raise TransportError(why.detail, hint="Correct the from address.") from None
        reply = self._session.ask(said.mail, 20, doing="asking about the sender")
        if not reply.ok:
            raise trouble_with_sender(reply)
        self._session.ask(b"RSET\r\n", 20, doing="taking the question back")
        return Verdict.PASS, reply.words, f"The server takes mail from {self._sender}. Nothing was sent."

    def _greeting(self) -> str:
        greeting: Reply | None = self._session.greeting
        return greeting.words if greeting else ""


def _refused(step: Step, error: TransportError, account: Account | None, took_ms: int) -> list[Check]:
    steps = list(Step)
    later = steps[steps.index(step) + 1 :]
    failed = Check(step, Verdict.FAIL, error.detail, error.reason, remedies(step, error, account), took_ms)
    return [failed, *(Check(one, Verdict.SKIP, words="not reached") for one in later)]


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
