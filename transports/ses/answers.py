"""What an answer of SES means: an outcome of one mail, or trouble with the account."""

from __future__ import annotations

import re

from transports.contract import Delivery, Stage, Status
from transports.errors import AuthError, PermanentError, RateLimited, SettingsError, TransportError
from transports.net import HttpReply
from transports.ses.account import fields_of

_WRONG_KEY = re.compile(
    r"UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature"
    r"|MissingAuthenticationToken|InvalidAccessKeyId|AuthFailure"
)
_CLOCK = re.compile(
    r"Signature (?:expired|not yet current)|RequestExpired|RequestTimeTooSkewed", re.IGNORECASE
)
_THROTTLED = re.compile(r"Throttling|TooManyRequests|LimitExceeded|RequestLimitExceeded|SlowDown")
_NOT_VERIFIED = re.compile(r"not verified", re.IGNORECASE)
_DAY = re.compile(r"daily|24.?hour", re.IGNORECASE)
_SET = re.compile(r"configuration set", re.IGNORECASE)


def kind_of(reply: HttpReply) -> str:
    """The service's name for what went wrong, such as "MessageRejected"; empty if it gives none."""
    named = (
        reply.headers.get("x-amzn-errortype")
        or fields_of(reply).get("__type")
        or fields_of(reply).get("code")
    )
    return str(named or "").split(":")[0].rpartition("#")[2]


def words_of(reply: HttpReply) -> str:
    """Status, kind and message on one line."""
    found = fields_of(reply)
    message = found.get("message") or found.get("Message") or ""
    return ": ".join(part for part in (f"{reply.status} {kind_of(reply)}".strip(), str(message)) if part)


def delivery(key: str, reply: HttpReply, peer: str) -> Delivery:
    """The outcome of the mail for which this is the answer; raises what concerns every mail."""
    error = trouble(reply)
    if error is not None:
        raise error
    found = fields_of(reply)
    status = _status(reply, str(found.get("MessageId") or ""))
    return Delivery(
        key,
        status,
        Stage.API,
        provider_id=str(found.get("MessageId") or "") if status is Status.ACCEPTED else "",
        code=str(reply.status),
        detail=_detail(reply, status),
        peer=peer,
    )


def trouble(reply: HttpReply) -> TransportError | None:
    """The error if this answer concerns the whole account and not one mail."""
    kind, words = kind_of(reply), words_of(reply)
    if reply.status == 429 or (reply.status < 500 and _THROTTLED.search(kind)):
        wait = 3600.0 if _DAY.search(words) else 5.0
        hint = "Set a lower limit for this server, or ask AWS for a higher quota."
        return RateLimited("SES says that we send too fast, or too much.", words, hint, retry_after=wait)
    if _CLOCK.search(words):
        return AuthError("SES finds the time of our signature wrong.", words, "Set this machine's clock.")
    if _WRONG_KEY.search(kind):
        hint = "Check access key ID and secret access key, and that the key is still active."
        return AuthError("SES refused the access key.", words, hint)
    return _refused_account(reply, kind, words)


def _refused_account(reply: HttpReply, kind: str, words: str) -> TransportError | None:
    if kind.startswith(
        ("ExpiredToken", "AccessDenied", "NotAuthorized", "OptInRequired")
    ) or reply.status in (401, 403):
        hint = "Allow ses:SendEmail and ses:SendRawEmail to this key, in this region."
        return AuthError("This access key may not send.", words, hint)
    if kind.startswith("AccountSuspended"):
        return PermanentError("AWS has suspended sending for this account.", words, "Ask AWS support why.")
    if kind.startswith("SendingPaused"):
        hint = "See the reputation page of the SES console; a pause is lifted there."
        return PermanentError("Sending is paused for this account or configuration set.", words, hint)
    if kind.startswith("MailFromDomainNotVerified"):
        hint = "Set up the custom MAIL FROM domain again in the SES console."
        return PermanentError("The MAIL FROM domain is not verified.", words, hint)
    if kind.startswith("MessageRejected") and _NOT_VERIFIED.search(words):
        hint = "Verify the from domain in this region. In the sandbox, every recipient must be verified too."
        return PermanentError("SES does not know the address as verified.", words, hint)
    return _wrong_settings(reply, kind, words)


def _wrong_settings(reply: HttpReply, kind: str, words: str) -> TransportError | None:
    if (kind.startswith("NotFound") or reply.status == 400) and _SET.search(words):
        hint = "Correct its name, or leave it empty. It must be in the same region."
        return SettingsError("There is no such configuration set.", words, hint)
    if (reply.status < 400 and reply.status != 200) or reply.status in (404, 405):
        return SettingsError("This address is not the SES API.", words, "Check endpoint and region.")
    return None


def _status(reply: HttpReply, message_id: str) -> Status:
    if reply.status == 200:
        return Status.ACCEPTED if message_id else Status.UNKNOWN
    if reply.status == 503:
        return Status.DEFERRED
    if reply.status >= 500:
        return Status.UNKNOWN  # a fault inside the service may have come after it took the mail
    return Status.REJECTED


def _detail(reply: HttpReply, status: Status) -> str:
    if reply.status == 200 and status is Status.UNKNOWN:
        return "200, but without a message ID"
    return words_of(reply)
