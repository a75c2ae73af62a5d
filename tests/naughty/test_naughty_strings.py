"""Five hundred naughty strings in every field of affiliate, offer and template: no broken mail, no broken page."""

import email
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email.message import Message
from typing import Any

import pytest
from lxml import html as lxml_html

from tests.browser import Person
from tests.mail.compose.drafts import ANNOUNCEMENT
from tests.public_texts import naughty_strings
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.mail.compose import CompiledMessage, TokenProblems, compile_message
from webapp.mail.tokens import OFFER, available
from webapp.offers.models import Creative, Offer

OF_AFFILIATE = (
    "first_name",
    "last_name",
    "company",
    "alt_id",
    "additional_data1",
    "additional_data2",
    "tags",
)
OF_OFFER = ("name", "title", "description", "special_instructions", "category", "from_lines", "subject_lines")
AS_HTML = ("OfferDescription", "OfferSpecialInstructions", "Creatives")
PLACES = '<p>[={0}=]</p><p title="[={0}=]"><a href="https://solara.example/?a=[={0}=]">x</a></p>'
SCRIPT = re.compile(
    r"[\x00-\x20]*(?:java|vb)script:", re.IGNORECASE
)  # browsers pass over what stands before it
LEAVE = "https://desk.example.com/u/1.abc"


@pytest.fixture(scope="module")
def strings() -> list[str]:
    found = naughty_strings()
    assert len(found) >= 500
    return found


def every_token() -> CompiledMessage:
    """A message with each token that takes people's words, in text, in attributes and in addresses."""
    specs = [one for one in available(OFFER) if one.name.startswith(("Affiliate.", "Offer", "CID"))]
    names = [
        one.name
        for one in specs
        if one.name not in AS_HTML and not one.name.endswith(("URL", "Logo", "Link"))
    ]
    html = "".join(PLACES.format(name) for name in names) + "".join(
        f"<div>[={name}=]</div>" for name in AS_HTML[:2]
    )
    subject = "[=Affiliate.FirstName=] [=OfferName=] [=Affiliate.AdditionalData1=]"
    return compile_message(
        replace(ANNOUNCEMENT, subject=subject, html=html, preheader="[=OfferName=]"), context=OFFER
    )


def filled(message: CompiledMessage, values: dict[str, str]) -> bytes:
    own: dict[str, Any] = {"message_id": "1.ab", "unsubscribe_url": LEAVE, "date": datetime.now(UTC)}
    return message.fill("emma@adtrail.example.net", values, **own)


def taken_apart(raw: bytes, fields: tuple[str, ...]) -> tuple[Message, str, str]:
    """The mail by a parser that is not ours, with its two texts; nothing may be odd about it."""
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(raw)
    assert mail.keys() == list(fields)
    parts = list(mail.walk())
    assert [one.get_content_type() for one in parts] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(one.defects for one in parts)
    text, html = (one.get_payload(decode=True).decode() for one in parts[1:])  # type: ignore[union-attr]
    return mail, text, html


def skeleton(html: str) -> Counter[str]:
    """How often each element and each of its attributes stands in a document."""
    found: Counter[str] = Counter()
    for one in lxml_html.document_fromstring(html).iter():
        if one.tag != "br":  # a value of several lines keeps its lines
            found[str(one.tag)] += 1
        found.update(f"{one.tag} {name}" for name in one.attrib)
    return found


def readable(text: str) -> str:
    return "".join(char for char in text if char.isalnum() and char.isascii())


def test_no_value_breaks_a_mail_or_adds_a_field_or_a_tag(strings: list[str]) -> None:
    message = every_token()
    keys = [one.key for one in available(OFFER)]
    carried = {name.lower() for name in AS_HTML}
    sound = skeleton(taken_apart(filled(message, dict.fromkeys(keys, "x")), message.field_names)[2])
    for string in strings:
        values = {key: "x" if key in carried else string for key in keys}
        _, text, html = taken_apart(filled(message, values), message.field_names)
        assert skeleton(html) == sound, string
        for said in (lxml_html.document_fromstring(html).text_content(), text):
            assert readable(string)[:60] in readable(said), string


def test_no_html_of_an_offer_brings_a_script_into_a_mail(strings: list[str]) -> None:
    message = every_token()
    for string in strings:
        values = {name.lower(): f"<p>{string}</p>" for name in AS_HTML}
        _, _, html = taken_apart(filled(message, values), message.field_names)
        tags = skeleton(html)
        assert not [one for one in tags if one in ("script", "iframe", "form", "object") or " on" in one], (
            string
        )
        addresses = lxml_html.document_fromstring(html).xpath("//@href | //@src")
        assert not [one for one in addresses if SCRIPT.match(one)], string


def test_what_somebody_writes_is_a_sound_mail_or_is_refused_with_its_reason(strings: list[str]) -> None:
    refusals: list[TokenProblems] = []
    for string in strings:
        draft = replace(
            ANNOUNCEMENT, subject=string or "-", html=f"<p>{string}</p>", preheader=string, text=string
        )
        try:
            message = compile_message(draft, context=OFFER)
        except TokenProblems as error:
            refusals.append(error)
            continue
        taken_apart(filled(message, {}), message.field_names)
    assert all(one.reason for error in refusals for one in error.found)
    assert len(refusals) < len(strings) / 3


def storable(text: str) -> str:
    """What a database takes: no NUL, no half characters. No form takes an empty name."""
    kept = "".join(char for char in text if char != "\0" and not "\ud800" <= char <= "\udfff")
    return kept if kept.strip() else "-"


def test_no_value_breaks_a_page(network: Desk, owner: Person, strings: list[str]) -> None:
    with network.session() as session:
        for number, string in enumerate(map(storable, strings), 1):
            address = f"p{number}@{number}.example.com"
            own = dict.fromkeys(OF_AFFILIATE, string[:100])
            session.add(Affiliate(affiliate_id=str(number), email=address, address=address, **own))
            offer = Offer(cid=str(number), payout=Decimal("1.5"), **dict.fromkeys(OF_OFFER, string[:100]))
            session.add(offer)
            session.flush()
            session.add(Creative(offer_id=offer.id, kind="text", name=string[:100], code=string))
    sound = {kind: skeleton(owner.get(f"/{kind}?page=1").text)["script"] for kind in ("affiliates", "offers")}
    for address in addresses(len(strings)):
        page = owner.get(address)
        assert page.status_code == 200, address
        tags = skeleton(page.text)
        assert tags["script"] <= max(sound.values()) + 3, address
        assert not [one for one in tags if " on" in one and not one.endswith(" on")], address
    for string in map(storable, strings[::25]):
        assert owner.get("/affiliates", query_string={"q": string}).status_code == 200


def addresses(count: int) -> Iterator[str]:
    for kind in ("affiliates", "offers"):
        yield from (f"/{kind}?page={page}" for page in range(1, count // 50 + 1))
        yield from (f"/{kind}/{number}" for number in range(7, count, 60))
