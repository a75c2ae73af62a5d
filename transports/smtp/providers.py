"""What some providers want to see in the SPF record of the sending domain, known by their host names."""

from __future__ import annotations

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


def expectations(host: str, domain: str) -> list[DnsExpectation]:
    """The records for a well-known provider; nothing is known about other servers."""
    name = host.rstrip(".").lower()
    for suffix, include in _SPF.items():
        if name == suffix or name.endswith("." + suffix):
            why = f"Mail through {name} leaves from the addresses that this include names."
            return [DnsExpectation(domain, "TXT", f"include:{include}", why, required=False)]
    return []
