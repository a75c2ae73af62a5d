"""The layout around every text of the network."""

import re

import pytest

from tests.browser import Person, words
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail.compose import compile_message
from webapp.mail_templates import layout, letters

LOOK = {
    "logo_url": "https://pics.northlight.example.com/logo.png",
    "accent": "#0b5d3b",
    "background": "#fdf6e9",
    "footer": "You get this because you are our partner.\nQuestions? <Answer> this mail.",
}


def mailed(desk: Desk) -> str:
    with desk.reading() as session:
        letter = letters.letter(session, desk.config, "offer_announcement")
    assert letter is not None
    return compile_message(letter, context="offer_announcement").preview({}).html


def test_logo_colours_and_footer_stand_around_the_text(network: Desk, owner: Person) -> None:
    assert owner.post("/templates/layout", LOOK).status_code == 302
    html = mailed(network)
    assert '<img src="https://pics.northlight.example.com/logo.png" alt="Northlight Partners"' in html
    assert "background: #0b5d3b" in html
    assert "#fdf6e9" in html
    assert "Questions? &lt;Answer&gt; this mail." in html
    assert html.index("our partner") < html.index("Hamngatan 4, 411 06 Göteborg") < html.index("Unsubscribe")


def test_without_a_logo_the_name_of_the_network_stands_there(network: Desk) -> None:
    assert '<td class="logo"' in mailed(network)
    assert ">Northlight Partners</td>" in mailed(network)


def test_the_layout_is_seen_before_it_is_saved(network: Desk, owner: Person) -> None:
    page = owner.post("/templates/layout-preview", LOOK)
    assert "#0b5d3b" in page.text
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert "#0b5d3b" not in mailed(network)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("accent", "red;}body{display:none", "Write a colour"),
        ("accent", "#ffff00", "hard to read"),
        ("logo_url", "javascript:alert(1)", "beginning with https://"),
        ("logo_url", 'https://a.example.com/"onload="x', "beginning with https://"),
        ("footer", "Hi [=Affiliate.FirstName=]", "has no tokens"),
    ],
)
def test_what_would_break_a_mail_is_refused(field: str, value: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        layout.checked(layout.Layout(**{**LOOK, field: value}))
    assert reason in refused.value.problems[field]


def test_a_refused_layout_says_why_beside_the_field(network: Desk, owner: Person) -> None:
    page = owner.post("/templates/layout", {**LOOK, "accent": "#ffff00"})
    assert "White words on this colour are hard to read" in words(page)
    assert "White words" in owner.post("/templates/layout-preview", {**LOOK, "accent": "#ffff00"}).text


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#777777", "#7f0000"])
def test_words_of_the_footer_are_readable_on_any_ground(ground: str) -> None:
    html = layout.frame(layout.Layout(background=ground), "N")
    (ink,) = re.findall(r"\.footer a \{ color: (#\w{6});", html)
    assert layout.contrast(ink, ground) > 4.4
