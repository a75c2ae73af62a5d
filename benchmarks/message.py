"""The mail that everybody sends: HTML and text of about 10 KB together, ten tokens, twelve links."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from webapp.mail.compose import CompiledMessage, Draft, compile_message

TOKENS = (
    "Affiliate.FirstName|there",
    "Affiliate.LastName|",
    "Affiliate.ID|",
    "Affiliate.CompanyName|your company",
    "Affiliate.Email|",
    "Affiliate.GroupName|all",
    "AffiliateManager.FirstName|your manager",
    "AffiliateManager.LastName|",
    "AffiliateManager.Email|partners@network.example",
    "AffiliateManager.Phone|",
)
FILLER = "Our partners ask for traffic that converts, and the new landing page does better on small screens. "
HTML_SIZE = 4_650  # with its text part and its headers about 10 KB on the wire
SENDER = "news@mail.network.example"


def _html(size: int) -> str:
    rows = [f"<p>{FILLER} [={token}=]</p>" for token in TOKENS]
    rows += [
        f'<p><a href="https://network.example/offers/{n}?from=mail&amp;place={n}">Offer {n}</a></p>'
        for n in range(8)
    ]
    rows += [
        f'<p><a href="https://network.example/p/{n}?a=[=Affiliate.ID|0=]">Your page {n}</a></p>'
        for n in range(3)
    ]  # the twelfth link leaves the news; it is added when the message is compiled
    html = "\n".join(rows)
    while len(html) < size:
        html += f'\n<p style="margin:0 0 16px">{FILLER}</p>'
    return f"<html><body>{html}</body></html>"


DRAFT = Draft(
    subject="[=Affiliate.FirstName|Hello=], three new offers for you",
    html=_html(HTML_SIZE),
    from_name="Northwind Partners",
    from_address=SENDER,
    reply_to="partners@network.example",
    sender=None,
    kind="announcement",
    list_id=None,
    network_name="Northwind Partners",
    postal_address="12 Harbor Street\nSalt Lake City, UT 84101",
    public_url="https://desk.network.example",
    domain_for_message_ids="mail.network.example",
)


def person(number: int) -> dict[str, str]:
    """The values of one recipient; managers and groups repeat, as they do in life."""
    return {
        "affiliate.id": str(100_000 + number),
        "affiliate.firstname": ("Dana", "Zoë", "Li", "O'Neil", "Maximilian")[number % 5],
        "affiliate.lastname": f"Whitfield{number}",
        "affiliate.companyname": ("Bright Leads LLC", "Traffic & Co.", "Média Nord")[number % 3]
        + f" {number}",
        "affiliate.email": address(number),
        "affiliate.groupname": f"Group {number % 7}",
        "affiliatemanager.firstname": f"Marco{number % 9}",
        "affiliatemanager.lastname": "Reyes",
        "affiliatemanager.email": f"marco{number % 9}@network.example",
        "affiliatemanager.phone": f"+1 801 555 010{number % 9}",
    }


def address(number: int) -> str:
    return f"person{number}@company{number % 97}.example"


def unsubscribe_url(number: int) -> str:
    return f"https://desk.network.example/u/{number:06}Qk2Vn8sT1xYz0aBcDe"


@cache
def compiled() -> CompiledMessage:
    return compile_message(DRAFT)


@cache
def ready() -> bytes:
    """One finished message, for those who do not compose: CRLF, no line begins with a dot."""
    values = person(7)
    return compiled().fill(
        address(7), values, message_id="7.ab12cd", unsubscribe_url=unsubscribe_url(7), date=datetime.now(UTC)
    )


TOKEN = re.compile(r"\[=([^|=\]]+)(?:\|([^=\]]*))?=\]")


class Simple:
    """The same parts for peers that bring no templates: split once, joined for each recipient, nothing escaped.

    That is less work than any of their users could do, so it flatters them.
    """

    def __init__(self) -> None:
        preview = compiled().preview({key: f"[={key}=]" for key in person(0)})
        self._subject, self._text, self._html = (
            TOKEN.split(part) for part in (DRAFT.subject, preview.text, DRAFT.html)
        )

    def parts(self, values: Mapping[str, str]) -> tuple[str, str, str]:
        """Subject, text and HTML of one recipient."""
        return _joined(self._subject, values), _joined(self._text, values), _joined(self._html, values)


def _joined(pieces: list[str | None], values: Mapping[str, str]) -> str:
    out = []
    for place in range(0, len(pieces) - 1, 3):
        literal, name, default = pieces[place : place + 3]
        out += [literal or "", values.get((name or "").lower(), "") or default or ""]
    return "".join((*out, pieces[-1] or ""))
