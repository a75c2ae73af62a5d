"""Which links of a mail are counted, and which stay as they are."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from tests.mail.compose.drafts import draft
from webapp.mail.compose import Draft, compile_message, links_to_count
from webapp.mail.compose.links import KEY, filled

GO = "https://go.network.example"
OURS = f"{GO}/c/1a.signature"


def counted(html: str, **more: str) -> tuple[str, ...]:
    return links_to_count(draft(html=html, tracking_url=GO), context=more.get("context", "message"))


def parts(html: str) -> tuple[str, str]:
    """HTML and text part as they leave."""
    plain = draft(html=html, tracking_url=GO)
    made = Draft.from_dict(replace(plain, links=links_to_count(plain)).as_dict())
    values = {"affiliate.id": "3071", "affiliate.email": "a@b.example", KEY: OURS}
    raw = compile_message(made).fill(
        "a@b.example",
        values,
        message_id="1.x",
        unsubscribe_url="https://desk.example/u/1",
        date=datetime(2026, 1, 1, tzinfo=UTC),
    )
    mail = message_from_bytes(raw, policy=policy.default)
    found = [mail.get_body((kind,)) for kind in ("html", "plain")]
    return found[0].get_content(), found[1].get_content()  # type: ignore[union-attr]


def test_a_link_leads_by_us_in_the_html_and_stays_itself_in_the_text() -> None:
    html, text = parts('<p><a href="https://shop.example/a?b=1&amp;c=2">Look</a></p>')
    assert f'href="{OURS}/0"' in html
    assert "shop.example" not in html
    assert "https://shop.example/a?b=1&c=2" in text


def test_the_same_address_has_one_number_wherever_it_stands() -> None:
    html, _ = parts(
        '<a href="https://a.example/">One</a> <a href="https://b.example/">Two</a> <a href="https://a.example/">Three</a>'
    )
    assert [html.count(f'"{OURS}/{number}"') for number in (0, 1)] == [2, 1]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://shop.example/">https://shop.example/</a>',
        '<a href="https://shop.example/">www.shop.example</a>',
        '<a href="https://shop.example/"><b>shop.example</b></a>',
        '<a href="mailto:a@b.example">Write</a>',
        '<a href="#top">Up</a>',
        '<a href="[=Network.LoginURL=]">Log in</a>',
        '<a href="https://desk.network.example/x">Ours</a>',
        '<a href="https://go.network.example/c/1">Ours already</a>',
        '<a href="https://shop.example/?n=[=Network.Name=]">Network</a>',
        '<a href="https://user@shop.example/">With a name before the host</a>',
        '<a href="[=Unsubscribe.Link=]">Leave</a>',
        '<img src="https://shop.example/logo.png" alt="">',
    ],
)
def test_these_stay_as_they_are(html: str) -> None:
    public = draft(html=html, tracking_url=GO, public_url="https://desk.network.example")
    assert links_to_count(public) == ()


def test_links_that_affiliates_copy_stay_as_they_are() -> None:
    html = '<a href="[=TrackingURL=]">Run it</a> <a href="https://x.example/?u=[=TrackingURL=]">Or so</a>'
    assert counted(html, context="offer") == ()


def test_a_token_of_the_affiliate_is_kept_for_the_moment_of_the_click() -> None:
    (url,) = counted('<a href="https://x.example/?a=[=Affiliate.ID|none=]&amp;b=2">Look</a>')
    assert filled(url, {"affiliate.id": "a b&c"}) == "https://x.example/?a=a%20b%26c&b=2"
    assert filled(url, {}) == "https://x.example/?a=none&b=2"


def test_a_block_in_an_address_keeps_it_as_it_is() -> None:
    assert counted('<a href="https://x.example/[=if Affiliate.ID=]a[=else=]b[=end=]">Look</a>') == ()


def test_a_button_for_outlook_leads_the_same_way() -> None:
    button = '<!--[if mso]><v:roundrect href="https://x.example/"></v:roundrect><![endif]--><a href="https://x.example/">Go</a>'
    html, _ = parts(button)
    assert html.count(f'"{OURS}/0"') == 2


def test_without_counting_no_byte_changes() -> None:
    html = '<a href="https://x.example/">Look</a>'
    plain = compile_message(draft(html=html))
    assert 'href="https://x.example/"' in plain.preview({"affiliate.email": "a@b.example"}).html
