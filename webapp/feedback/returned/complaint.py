"""Complaints: feedback reports (RFC 5965) and the like of them from providers with a form of their own."""

from collections.abc import Sequence

from webapp.feedback.returned import addresses
from webapp.mail.mime import Headers, Part, fields

NO_COMPLAINT = ("not-spam", "auth-failure", "dmarc")
PROVIDERS_OWN = ("x-hmxmroriginalrecipient", "x-originalrecipient-complaint")


def is_report(parts: Sequence[Part]) -> bool:
    """Whether it is a feedback report of any kind."""
    return any(_is_report(part) for part in parts)


def about(headers: Headers, parts: Sequence[Part]) -> list[str] | None:
    """The addresses of those who complained, as far as they are told; None if this is no complaint."""
    report = next((part for part in parts if _is_report(part)), None)
    enclosed = [part for part in parts if part.type == "message/rfc822"]
    if report is not None:
        told = fields(report.text.lstrip("\n"))
        kind = next((value.lower() for name, value in told if name == "feedback-type"), "abuse")
        if kind.startswith(NO_COMPLAINT):
            return None
        named = [
            addresses.typed(value)
            for name, value in told
            if name in ("original-rcpt-to", "removal-recipient")
        ]
        return addresses.distinct(one for one in named if one) or recipients_of(enclosed)
    own = [part.header(name) for part in enclosed for name in PROVIDERS_OWN]
    own += [value for name, value in headers if name in PROVIDERS_OWN]
    found = [addresses.typed(value) for value in own if value]
    return (
        addresses.distinct(one for one in found if one) or None if found else _by_subject(headers, enclosed)
    )


def recipients_of(enclosed: Sequence[Part]) -> list[str]:
    """To whom the mail was sent that came back."""
    for name in ("x-original-to", "delivered-to", "to", "cc", "x-apparently-to"):
        found = addresses.distinct(one for part in enclosed for one in addresses.found_in(part.header(name)))
        if found:
            return found
    return []


def _is_report(part: Part) -> bool:
    return part.type == "message/feedback-report" and not part.original


def _by_subject(headers: Headers, enclosed: Sequence[Part]) -> list[str] | None:
    of = dict(headers)
    sender, subject = of.get("from", "").lower(), of.get("subject", "").lower()
    told = (
        "complaint about message from" in subject
        or "email feedback report" in subject
        or "abuse report" in subject
    )
    return recipients_of(enclosed) if enclosed and told and "@" in sender else None
