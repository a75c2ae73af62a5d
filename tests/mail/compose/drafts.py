"""Drafts and messages as the tests of this folder need them."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import Any

from webapp.mail.compose import Draft, compile_message

WHEN = datetime(2026, 11, 23, 21, 51, 7, tzinfo=UTC)
UNSUBSCRIBE = "https://desk.example/u/4f7Qk2"
VALUES = {
    "affiliate.id": "1042",
    "affiliate.firstname": "Dana",
    "affiliate.lastname": "Whitfield",
    "affiliate.companyname": "Bright Leads LLC",
    "affiliate.email": "dana@brightleads.example",
    "affiliatemanager.firstname": "Marco",
    "affiliatemanager.email": "marco@network.example",
    "affiliatemanager.picture": "https://network.example/marco.png",
}
ANNOUNCEMENT = Draft(
    subject="News for [=Affiliate.FirstName|you=]",
    html="<p>Hello [=Affiliate.FirstName|there=]</p>",
    from_name="Northwind Partners",
    from_address="news@mail.network.example",
    reply_to="partners@network.example",
    sender=None,
    kind="announcement",
    list_id=None,
    network_name="Northwind Partners",
    postal_address="12 Harbor Street\nSalt Lake City, UT 84101",
    public_url="https://desk.example",
    domain_for_message_ids="mail.network.example",
)


def draft(**changes: Any) -> Draft:
    return replace(ANNOUNCEMENT, **changes)


def page(body: str) -> str:
    """A whole document, which nothing is added to when it is operational."""
    return f"<html><body>{body}</body></html>"


def sent(
    changes: dict[str, Any], values: dict[str, str] | None = None, to: str = "dana@brightleads.example"
) -> bytes:
    message = compile_message(draft(**changes))
    return message.fill(
        to, VALUES if values is None else values, message_id="17.a1b2", unsubscribe_url=UNSUBSCRIBE, date=WHEN
    )


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def read_mailbox(raw: bytes, field: str) -> tuple[str, str]:
    """Name and address of a field. The older of Python's two parsers: the newer puts blanks between encoded words of a name."""
    phrase, address = parseaddr(str(message_from_bytes(raw)[field]).replace("\r\n", ""))
    return str(make_header(decode_header(phrase))) if phrase.startswith("=?") else phrase, address


def bodies(raw: bytes) -> tuple[str, str]:
    """The decoded text and HTML parts, with line breaks as in the source."""
    text, html = parsed(raw).iter_parts()
    return decoded(text), decoded(html)


def decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode("utf-8").replace("\r\n", "\n")
