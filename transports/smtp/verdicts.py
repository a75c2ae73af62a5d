"""What a reply means: an outcome of one mail, or trouble with the whole session."""

from __future__ import annotations

import re
from functools import lru_cache

from transports.contract import Delivery, Stage, Status
from transports.errors import AuthError, PermanentError, RateLimited, TemporaryError, TransportError
from transports.smtp.replies import Reply

_ACCEPTED = Status.ACCEPTED
GREYLIST_WAIT = 300.0
RATE_WAIT = 600.0

_LOGIN = {530, 534, 535, 538}
_TOO_BIG = {"5.3.4", "5.2.3"}
_GREY = re.compile(r"gr[ae]y-?list|try again in|please (?:try|retry) (?:again )?later", re.IGNORECASE)
_SECONDS = re.compile(r"\b(\d{1,5}) ?(s|sec|second|m|min|minute)(?:s)?\b", re.IGNORECASE)
_QUEUED = re.compile(r"(?:queued as|id=|queued mail for delivery:?) ?<?([\w.@+-]{4,100})", re.IGNORECASE)
_CROWDED = re.compile(r"too many|rate|quota|limit|slow down|throttl", re.IGNORECASE)


def delivery(key: str, stage: Stage, reply: Reply, *, peer: str, tls: str) -> Delivery:
    """The outcome of the mail that this reply settles."""
    if reply.ok:
        queue_id, codes, words = _accepted(reply)
        return Delivery(key, _ACCEPTED, stage, queue_id, codes, words, peer, tls)
    words = reply.words
    status = Status.DEFERRED if reply.for_now else Status.REJECTED
    wait = _retry_after(reply) if reply.for_now else None
    return Delivery(key, status, stage, "", reply.codes, words, peer, tls, wait)


def trouble(stage: Stage, reply: Reply) -> TransportError | None:
    """The error if this reply, to an envelope, concerns every mail and not only this one."""
    if reply.code in _LOGIN and stage in (Stage.MAIL, Stage.RCPT):
        return trouble_with_sender(reply)
    size = reply.code == 552 or reply.enhanced in _TOO_BIG  # of this message: MAIL names its size
    if stage is Stage.MAIL and reply.for_good and not size:
        return trouble_with_sender(reply)
    return None


def trouble_with_sender(reply: Reply) -> TransportError:
    """The error for a refused MAIL."""
    if reply.for_now:
        return TemporaryError("The server does not take this sender now.", reply.words, "Try again later.")
    if reply.code in _LOGIN:
        hint = "Give a user name and a password, or ask your provider how to sign in."
        return AuthError("The server takes mail only after signing in.", reply.words, hint)
    hint = "Use a from address that this account may send for."
    return PermanentError("The server refuses the sender's address.", reply.words, hint)


def refused_session(doing: str, reply: Reply) -> TransportError:
    """The error for a refused greeting, EHLO or STARTTLS."""
    if reply.for_now and _CROWDED.search(reply.words):
        return RateLimited(
            f"The server is too busy for {doing}.",
            reply.words,
            "Allow fewer connections, or wait.",
            retry_after=_retry_after(reply),
        )
    if not reply.for_good:
        return TemporaryError(
            f"The server puts us off at {doing}.",
            reply.words,
            "It is tried again by itself.",
            retry_after=_retry_after(reply),
        )
    hint = "Ask your provider whether this machine's address is blocked."
    return PermanentError(f"The server refuses {doing}.", reply.words, hint)


def refused_login(reply: Reply, *, by_token: bool = False) -> TransportError:
    """The error for a refused AUTH. Its words never hold the password: the caller took it out."""
    if reply.for_now:
        hint = "It is tried again by itself."
        return TemporaryError("The server cannot check the password just now.", reply.words, hint)
    if by_token:
        hint = (
            "See that the token was granted for this mailbox and for SMTP, and that SMTP AUTH is on for it."
        )
        return AuthError("The server refused the access token.", reply.words, hint)
    hint = "Check both. With two-factor sign-in you need an app password."
    return AuthError("The server refused user name or password.", reply.words, hint)


def _retry_after(reply: Reply) -> float | None:
    """How long the server wants us to wait, if it says so; greylisting never ends for those who hurry."""
    if reply.enhanced == "4.7.28":
        return RATE_WAIT
    if reply.code not in (450, 451, 421) or not _GREY.search(reply.words):
        return None
    found = _SECONDS.search(reply.words)
    named = int(found[1]) * (60 if found[2].lower().startswith("m") else 1) if found else 0
    return min(max(GREYLIST_WAIT, float(named)), 6 * 3600.0)


@lru_cache(maxsize=16)  # not every server has new words for each mail
def _accepted(reply: Reply) -> tuple[str, str, str]:
    words = reply.words
    return _queue_id(words), reply.codes, words


def _queue_id(words: str) -> str:
    """The name under which the server keeps the mail, where its words hold one."""
    lower = words.lower()
    if "queued" not in lower and "id=" not in lower:
        return ""
    found = _QUEUED.search(words)
    return found[1] if found else ""
