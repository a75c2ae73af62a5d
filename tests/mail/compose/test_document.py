"""What is put around a mail's text, and what is left exactly as it was written."""

from pathlib import Path

import pytest

from .drafts import UNSUBSCRIBE, bodies, draft, page, sent

LINK = f'href="{UNSUBSCRIBE}"'


def html(changes: dict[str, object], values: dict[str, str] | None = None) -> str:
    return bodies(sent(changes, values))[1]


def test_a_fragment_becomes_a_whole_document_with_language_charset_and_viewport() -> None:
    whole = html({"html": "<p>Hello</p>"})
    assert whole.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert '<meta charset="utf-8">' in whole
    assert 'name="viewport"' in whole
    assert "<title>Northwind Partners</title>" in whole


def test_plain_lines_become_paragraphs() -> None:
    assert "<p>Hello</p>\n<p>we have<br>\nnews</p>" in html({"html": "Hello\n\nwe have\nnews"})


def test_an_announcement_shows_address_and_unsubscribe_link_in_both_parts() -> None:
    for body in ("<p>Hello</p>", page("<p>Hello</p>"), "<head></head><p>Hello"):
        text, whole = bodies(sent({"html": body}))
        assert LINK in whole
        assert "12 Harbor Street<br>\nSalt Lake City, UT 84101" in whole
        assert f"Unsubscribe ({UNSUBSCRIBE})" in text
        assert "12 Harbor Street\nSalt Lake City, UT 84101" in text


def test_an_own_unsubscribe_link_is_not_doubled() -> None:
    own = '<p>Hi</p><a href="[=Unsubscribe.Link=]">Leave</a>'
    assert html({"html": own}).count(UNSUBSCRIBE) == 1
    assert html({"html": page(own + "[=Network.Address=]")}).count(UNSUBSCRIBE) == 1


def test_a_link_that_nobody_sees_does_not_count() -> None:
    for hidden in (
        '<!-- <a href="[=Unsubscribe.Link=]"> -->',
        '<!--[if mso]><a href="[=Unsubscribe.Link=]">x</a><![endif]-->',
    ):
        assert f'{LINK} style="' in html({"html": page(f"<p>Hi</p>{hidden}")})


def test_a_footer_of_ones_own_is_left_alone() -> None:
    own = page('<p>Hi</p>[=Network.Address=] <a href="[=Unsubscribe.Link=]">Leave</a>')
    assert (
        html({"html": own})
        == page(
            f'<p>Hi</p>12 Harbor Street<br>\nSalt Lake City, UT 84101 <a href="{UNSUBSCRIBE}">Leave</a>\n'.rstrip(
                "\n"
            )
        )
        + "\n"
    )


def test_operational_mail_has_no_unsubscribe_link_of_its_own() -> None:
    assert UNSUBSCRIBE not in html({"kind": "operational", "html": "<p>Hello</p>"})


def test_a_whole_operational_document_without_styles_leaves_to_the_last_character_as_written() -> None:
    body = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        "<HTML><BODY bgcolor=#fff text='x'>&copy;&nbsp;a < b<br/><!--[if mso]><table><![endif]-->\n\t<td nowrap>x</BODY></HTML>\n"
    )
    assert html({"kind": "operational", "html": body}) == body


def test_styles_are_inlined_and_what_cannot_be_inlined_stays() -> None:
    styles = "p{color:red} a:hover{color:blue} @media (max-width:600px){p{color:green !important}}"
    whole = html(
        {
            "html": f"<html><head><style>{styles}</style></head><body><p>x <a href='https://x.example/?a=1&b=[=Affiliate.ID=]'>y</a>"
        }
    )
    assert '<p style="color: red;">' in whole
    assert "a:hover" in whole
    assert "@media (max-width:600px){p{color:green !important}}" in whole
    assert 'href="https://x.example/?a=1&amp;b=1042"' in whole


def test_inlining_keeps_an_old_doctype_and_outlooks_comments() -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">'
    outlook = '<!--[if mso]><v:rect href="[=Unsubscribe.Link=]"><![endif]-->'
    whole = html({"html": f"{doctype}<html><head><style>p{{top:0}}</style></head><body>{outlook}<p>x"})
    assert whole.startswith(doctype)
    assert f'<!--[if mso]><v:rect href="{UNSUBSCRIBE}"><![endif]-->' in whole


def test_styles_are_read_from_nowhere_but_the_mail(tmp_path: Path) -> None:
    sheet = tmp_path / "secret.css"
    sheet.write_text("p{content:'canary'}")
    links = f'<link rel="stylesheet" href="{sheet}"><link rel="stylesheet" href="{sheet.as_uri().replace("file:", "FILE:")[5:]}">'
    whole = html(
        {"html": f"<html><head>{links}<style>@import '{sheet}'; p{{top:0}}</style></head><body><p>x"}
    )
    assert "canary" not in whole
    assert "top: 0" in whole


def test_a_bare_attribute_with_a_token_is_put_in_quotes() -> None:
    whole = html(
        {"html": "<i title=[=Affiliate.CompanyName=]>x</i>"}, {"affiliate.companyname": "a onclick=x"}
    )
    assert '<i title="a onclick=x">' in whole


def test_the_first_hidden_line_is_in_the_html_and_not_in_the_text() -> None:
    for body in ("<p>Hello</p>", page("<p>Hello</p>")):
        text, whole = bodies(sent({"html": body, "preheader": "For [=Affiliate.FirstName=] & <you>"}))
        assert "For Dana &amp; &lt;you&gt;</div>" in whole
        assert whole.index("For Dana") < whole.index("Hello")
        assert "For Dana" not in text


def test_the_networks_own_name_cannot_break_out_of_the_footer() -> None:
    whole = html({"network_name": "<b>A</b> & [=Affiliate.ID=]", "postal_address": "<i>x</i>\r\n\0y"})
    assert "&lt;b&gt;A&lt;/b&gt; &amp; [=Affiliate.ID=]<br>\n&lt;i&gt;x&lt;/i&gt;<br>\ny<br>" in whole


@pytest.mark.parametrize("body", ["<style>p{color:red}</style><p>x", "<p>x<style>p{color:red}</style>"])
def test_a_style_sheet_in_a_fragment_is_inlined(body: str) -> None:
    assert '<p style="color: red;">' in html({"html": body})


def test_formatted_values_keep_harmless_tags_only_and_are_text_in_the_text_part() -> None:
    from webapp.mail.compose import compile_message

    from .drafts import WHEN

    message = compile_message(draft(html="<div>[=OfferDescription=]</div>"), context="offer")
    value = '<p>Good <b>offer</b><script>x</script></p><img src=x onerror=y><a href="javascript:z">l</a><ul><li>One</ul>'
    raw = message.fill(
        "a@b.example", {"offerdescription": value}, message_id="1", unsubscribe_url=UNSUBSCRIBE, date=WHEN
    )
    text, whole = bodies(raw)
    assert "<p>Good <b>offer</b></p>" in whole
    assert "onerror" not in whole
    assert "javascript" not in whole
    assert "<script" not in whole
    assert "Good offer" in text
    assert "- One" in text
