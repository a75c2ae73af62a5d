"""Defaults, missing values, the preview, and a draft's way to another process."""

import json

from webapp.mail.compose import Draft, compile_message
from webapp.mail.tokens import example_values

from .drafts import UNSUBSCRIBE, VALUES, WHEN, bodies, draft, parsed, sent

BOTH = {
    "html": "<p>Hello [=affiliate.firstname|Partner & <friend>=], [=Affiliate.AltID=] of [=Network.Name=] on [=Today=]</p>"
}


def test_a_default_stands_in_for_a_value_that_is_missing_or_blank() -> None:
    for values in ({}, {"affiliate.firstname": ""}, {"affiliate.firstname": " \n"}):
        text, html = bodies(sent(BOTH, values))
        assert "Hello Partner & <friend>, " in text
        assert "Hello Partner &amp; &lt;friend&gt;, " in html


def test_a_default_written_with_html_references_is_read_as_text() -> None:
    assert "M&M\n" in bodies(sent({"html": "<p>[=Affiliate.AltID|M&amp;M=]</p>"}, {}))[0]


def test_one_token_with_two_defaults_keeps_both() -> None:
    assert "a b\n" in bodies(sent({"html": "<p>[=Affiliate.AltID|a=] [=Affiliate.AltID|b=]</p>"}, {}))[0]


def test_names_without_value_and_default_are_listed_before_anything_is_sent() -> None:
    message = compile_message(draft(**BOTH))
    assert message.missing({}) == ("Affiliate.AltID",)
    assert message.missing({"affiliate.altid": "7"}) == ()


def test_the_names_it_uses_are_told_once_each_as_people_write_them() -> None:
    message = compile_message(draft(**BOTH))
    assert message.tokens == (
        "Affiliate.FirstName",
        "Affiliate.AltID",
        "Network.Name",
        "Today",
        "Unsubscribe.Link",
    )


def test_what_the_draft_knows_needs_no_value() -> None:
    text = bodies(sent({"html": "<p>[=Network.Name=] [=Sender.Name=] [=Sender.Email=] [=Today=]</p>"}, {}))[0]
    assert "Northwind Partners Northwind Partners news@mail.network.example 23 November 2026" in " ".join(
        text.split()
    )
    assert "On 1 May" in bodies(sent({"html": "<p>On [=Today=]</p>"}, {"today": "1 May"}))[0]


def test_the_preview_is_what_will_be_sent() -> None:
    message = compile_message(draft(**BOTH))
    values = VALUES | {"unsubscribe.link": UNSUBSCRIBE, "today": "1 May 2026"}
    preview = message.preview(values)
    raw = message.fill(
        "dana@brightleads.example", values, message_id="1", unsubscribe_url=UNSUBSCRIBE, date=WHEN
    )
    assert (preview.text, preview.html) == bodies(raw)
    assert preview.subject == parsed(raw)["Subject"] == "News for Dana"
    assert [name for name, _ in preview.headers] == parsed(raw).keys()
    assert ("List-Unsubscribe", f"<{UNSUBSCRIBE}>") in preview.headers


def test_a_preview_needs_no_affiliate() -> None:
    assert compile_message(draft(**BOTH)).preview(example_values()).subject == "News for Dana"
    assert compile_message(draft(**BOTH)).preview({}).subject == "News for you"


def test_a_preview_is_shown_before_everything_is_set_up() -> None:
    preview = compile_message(draft(public_url="")).preview({"affiliate.email": "not an address"})
    assert ("To", "affiliate@example.com") in preview.headers


def test_a_draft_travels_as_plain_data() -> None:
    there = json.loads(json.dumps(draft(**BOTH).as_dict()))
    assert Draft.from_dict(there) == draft(**BOTH)


def test_operational_mail_may_carry_the_unsubscribe_link_in_its_text() -> None:
    changes = {"kind": "operational", "html": '<a href="[=Unsubscribe.Link=]">x</a>'}
    assert UNSUBSCRIBE in bodies(sent(changes))[1]
