"""Whatever a template and a recipient hold, the mail says what a slow and simple renderer says, and its header is unmoved.

The renderer and the checks on the raw bytes below are written without the composer's own parts, so that a mistake in one of
them cannot hide in the other.
"""

import re
import unicodedata
from email import message_from_bytes
from email.header import decode_header, make_header
from html import escape, unescape
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.mail.compose import CompiledMessage, compile_message
from webapp.mail.tokens import Kind, available
from webapp.mail.tokens.lists import as_value

from .attacks import ATTACKS
from .drafts import UNSUBSCRIBE, WHEN, bodies, draft, page, read_mailbox

START = b"Date Message-ID From Reply-To To Subject "
FIELDS = {
    "announcement": START + b"List-Id List-Unsubscribe List-Unsubscribe-Post MIME-Version Content-Type",
    "operational": START + b"Auto-Submitted MIME-Version Content-Type",
}
values = st.one_of(st.sampled_from(ATTACKS), st.text(max_size=80), st.text("ab<>&\"'=.% \n\rFé", max_size=90))
literals = st.text("abFz.=%, ÄЖ😀\t\n-", max_size=120)
KEYS = ["affiliate.firstname", "affiliate.lastname", "affiliate.companyname", "affiliate.additionaldata1"]
slots = st.sampled_from(["text", "attribute", "bare", "link", "path", "mail", "picture"])
people = st.dictionaries(st.sampled_from(KEYS), values)
pieces = st.lists(
    st.tuples(literals, slots, st.sampled_from(KEYS), st.sampled_from(["", "|a <b> & c"])), max_size=8
)


def flat(value: str) -> str:
    """What a value may show on one line: breaks and blanks as one blank each, nothing invisible that steers a program."""
    value = re.sub("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]", " ", value)
    hidden = {c for c in value if unicodedata.category(c) in ("Cc", "Cs") and not c.isspace()} | set(
        "\ufffe\uffff"
    )
    shown = (c for c in value if c not in hidden)
    return "".join(" " if c.isspace() else c for c in shown).strip()


def rendered(piece: tuple[str, str, str, str], number: int, known: dict[str, str]) -> tuple[str, str]:
    """One piece as template and as the HTML that it must become."""
    literal, slot, key, default = piece
    token = f"[={key}{escape(default)}=]"
    value = flat(known.get(key, "")) or default[1:]
    if slot == "text":
        return f"{literal}<p>{token}", f"{literal}<p>{escape(value)}"
    if slot == "attribute":
        return (
            f"{literal}<i title='{token}'>",
            f"{literal}<i title='{escape(value)}'>",
        )
    if slot == "bare":
        return (
            f"{literal}<i class={token}x>",
            f'{literal}<i class="{escape(value)}x">',
        )
    if slot == "link":
        return f'{literal}<a href="https://x.example/?n={number}&amp;v={token}">', (
            f'{literal}<a href="https://x.example/?n={number}&amp;v={quote(value, safe="")}">'
        )
    if slot == "path":
        return (
            f'{literal}<a href="/{number}{token}">',
            f'{literal}<a href="/{number}{quote(value, safe="")}">',
        )
    if slot == "mail":
        return f'{literal}<a href="mailto:{token}">', f'{literal}<a href="mailto:{quote(value, safe="@+")}">'
    return f'{literal}<a href="[=Unsubscribe.Link=]">', f'{literal}<a href="{UNSUBSCRIBE}">'


def check_wire(raw: bytes, kind: str) -> None:
    """The rules of the wire, on bytes alone."""
    head, _, body = raw.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert names == FIELDS[kind].split()
    assert b"\0" not in raw
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in body.split(b"\r\n"))
    assert raw.endswith(b"--\r\n")
    assert raw.isascii()


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces,
    literals,
    st.lists(people, min_size=1, max_size=5),
    st.sampled_from(["announcement", "operational"]),
)
def test_any_template_with_any_values_becomes_what_the_slow_renderer_says(
    parts: list[tuple[str, str, str, str]], tail: str, recipients: list[dict[str, str]], kind: str
) -> None:
    template = page(
        "x" + "".join(rendered(piece, number, {})[0] for number, piece in enumerate(parts)) + tail
    )
    message = compile_message(draft(html=template, subject="S [=Affiliate.FirstName=]", kind=kind))
    for known in recipients:
        raw = filled(message, known)
        check_wire(raw, kind)
        text, html = bodies(raw)
        expected = page(
            "x" + "".join(rendered(piece, number, known)[1] for number, piece in enumerate(parts)) + tail
        )
        assert html.startswith(expected.removesuffix("</body></html>"))
        assert kind == "announcement" or html == expected + "\n"
        assert "[=affiliate" not in text.replace("[=Affiliate.Email=]", "")
        read = " ".join(text.split())
        shown = [flat(known.get(key, "")) or default[1:] for _, slot, key, default in parts if slot == "text"]
        assert all(" ".join(value.split()) in read for value in shown)


@settings(max_examples=300, deadline=None)
@given(values, st.lists(people, min_size=1, max_size=5))
def test_no_name_or_subject_can_add_a_field_or_a_recipient(
    sender: str, recipients: list[dict[str, str]]
) -> None:
    subject = "[=Affiliate.CompanyName=] and [=Affiliate.FirstName|you=]"
    message = compile_message(draft(subject=subject, from_name=sender.replace("@", "").replace("[=", "")))
    for known in recipients:
        raw = filled(message, known)
        check_wire(raw, "announcement")
        assert read_mailbox(raw, "To")[1] == "dana@brightleads.example"
        assert read_mailbox(raw, "From")[1] == "news@mail.network.example"
        assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
        field = str(message_from_bytes(raw)["Subject"]).replace("\r\n", "")
        assert "=?" not in field or field.startswith("=?")
        read = str(make_header(decode_header(field))) if field.startswith("=?") else field
        assert "\n" not in read
        company, first = (
            flat(known.get("affiliate.companyname", "")),
            flat(known.get("affiliate.firstname", "")) or "you",
        )
        letters, whole = characters(read), characters(f"{company} and {first}")
        assert letters == whole or (read.endswith("…") and whole.startswith(letters))


def characters(text: str) -> str:
    """Letters and digits only: blanks may be folded, invisible characters left out, and an ellipsis may end a long text."""
    return "".join(character for character in text if character.isalnum())


def filled(message: CompiledMessage, known: dict[str, str]) -> bytes:
    """The mail; what is hashed of it when it is signed must be its body's canonical form, worked out the long way."""
    own: dict[str, Any] = {"message_id": "1", "unsubscribe_url": UNSUBSCRIBE, "date": WHEN}
    raw, canonical = message.fill_to_sign("dana@brightleads.example", known, **own)
    lines = raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert canonical == b"\r\n".join(re.sub(rb"[ \t]+", b" ", line).removesuffix(b" ") for line in lines)
    assert raw == message.fill("dana@brightleads.example", known, **own)
    return raw


def test_every_attack_stays_the_text_it_is() -> None:
    message = compile_message(
        draft(html="<p>«[=Affiliate.CompanyName=]»</p>", subject="«[=Affiliate.CompanyName=]»")
    )
    for attack in ATTACKS:
        known = {"affiliate.companyname": attack, "affiliate.lastname": attack}
        raw = filled(message, known)
        check_wire(raw, "announcement")
        text, html = bodies(raw)
        assert f"«{flat(attack)}»" in unescape(html), attack
        assert f"«{flat(attack)}»" in text, attack


def test_no_value_of_any_token_can_break_the_mail_or_add_a_field() -> None:
    specs = available("send_creatives")
    shown = "".join(f"<p>[={one.name}|-=]</p>" for one in specs)
    shown += "".join(f"<i title='[={one.name}|-=]'></i>" for one in specs if one.kind is not Kind.HTML)
    shown += "".join(f'<a href="[={one.name}=]">x</a>' for one in specs if one.kind is Kind.URL)
    body = page(f"{shown}[=each Offers=]<p>[=OfferName|-=] [=OfferDescription|-=]</p>[=end=]")
    subject = "[=OfferName=] [=if OfferType=][=OfferType=][=end=]"
    message = compile_message(draft(html=body, subject=subject), context="send_creatives")
    for attack in ATTACKS:
        known = dict.fromkeys((one.key for one in specs), attack)
        raw = filled(
            message, {**known, "offers": as_value([{"offername": attack, "offerdescription": attack}])}
        )
        check_wire(raw, "announcement")
        assert read_mailbox(raw, "To")[1] == "dana@brightleads.example"
        tags = set(re.findall(r"<([a-z][^ >]*)", bodies(raw)[1].lower()))
        assert not tags & {"script", "style", "iframe", "svg", "form"}
