"""What is known of some providers by their host names: what they want in the SPF record, and who gives access tokens."""

from __future__ import annotations

from collections.abc import Mapping

from transports.checks import DnsExpectation

_SPF = {
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "amazonaws.com": "amazonses.com",
    "mailgun.org": "mailgun.org",
    "sendgrid.net": "sendgrid.net",
    "mailjet.com": "spf.mailjet.com",
    "fastmail.com": "spf.messagingengine.com",
}

_GOOGLE = "https://oauth2.googleapis.com/token"
_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
_TOKENS = {
    "gmail.com": _GOOGLE,
    "google.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "office365.com": _MICROSOFT,
    "outlook.com": _MICROSOFT,
}


def token_url(host: str) -> str:
    """Where this provider gives access tokens; an empty text if that is not known."""
    return _known(host, _TOKENS)


def expectations(host: str, domain: str) -> list[DnsExpectation]:
    """The records for a well-known provider; nothing is known about other servers."""
    include = _known(host, _SPF)
    if not include:
        return []
    why = f"Mail through {_name(host)} leaves from the addresses that this include names."
    return [DnsExpectation(domain, "TXT", f"include:{include}", why, required=False)]


def _known(host: str, table: Mapping[str, str]) -> str:
    name = _name(host)
    return next((known for suffix, known in table.items() if f".{name}".endswith(f".{suffix}")), "")


def _name(host: str) -> str:
    return host.strip().rstrip(".").lower()
