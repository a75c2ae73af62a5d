"""What cannot be made a mail of, and how the refusal reads."""

import time
from contextlib import suppress

import pytest

from webapp.errors import Invalid
from webapp.mail.compose import TokenProblems, compile_message, lint

from .drafts import draft


def said(html: str) -> str:
    return " ".join(problem.sentence for problem in lint(draft(html=html)))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>x\n<script>alert(1)</script>", "Line 2: <script> is not allowed in a mail."),
        ("<ScRiPt>x</sCrIpT>", "<script>"),
        ("<scr\0ipt>x</script>", "<script>"),
        ("<iframe src=x></iframe>", "<iframe>"),
        ("<form><input></form>", "<form>"),
        ("<object></object>", "<object>"),
        ("<svg><a></a></svg>", "<svg>"),
        ("<base href='https://x'>", "<base>"),
        ('<meta http-equiv="refresh" content="0">', "<meta refresh>"),
        ("<p onclick='x()'>", "onclick"),
        ("<p/onclick=x>", "onclick"),
        ("<img src=x ONERROR=x>", "onerror"),
        ('<a href="javascript:x">', "href="),
        ('<a href=" java&#115;cript&colon;x">', "href="),
        ('<a href="java\tscript:x">', "href="),
        ('<a href="\x01javascript:x">', "href="),
        ('<a href="vbscript:x">', "href="),
        ('<a href="data:text/html,x">', "href="),
        ('<img src="file:///etc/passwd">', "src="),
        ("<!--[if mso]><script>x</script><![endif]-->", "<script>"),
        ("Hello <!-- there", "never ends"),
        ("Hello <!--[if mso]> there", "never ends"),
        ("<!--[if mso]><a title='--><a href=\"x\">'><![endif]-->", "never ends"),
        ("Hello <style>p{}", "never ends"),
        ("Hello <title>there", "never ends"),
        ("Hello <p title='there", "never ends"),
        ("Hello <!doctype ", "never ends"),
        ("<b>" * 300, "More than 200 tags"),
        ("".join(f"<p><b id={n}></p>" for n in range(300)), "More than 200 tags"),
        ("<div><table></div></table>" * 300, "More than 200 tags"),
        ("<div><marquee></div></marquee>" * 300, "More than 200 tags"),
        ("<p><div></p>" * 300, "More than 200 tags"),
        ("<li><ul></li>" * 300, "More than 200 tags"),
        ("<td><div></td>" * 300, "More than 200 tags"),
        ("<span><p></span></p>" * 300, "More than 200 tags"),
        ("<option><optgroup></option>" * 300, "More than 200 tags"),
        ("<li><dd>" * 3000, "More than 200 tags"),
        ("<b><div></b>" * 300, "More than 200 tags"),
        ("".join(f"<div><b id={n}></div>" for n in range(300)), "More than 200 tags"),
        ("<style>" + "p{}" * 50_000 + "</style>", "too large"),
        ("<style>" + "p{}" * 9_000 + "</style>" + "<p>" * 9_000, "too large"),
        ("x" * 600_000, "longer than 512 KB"),
        ("[=Affiliate.ID=]" * 1001, "at most 1000"),
    ],
)
def test_what_mail_programs_block_is_refused_by_name(html: str, words: str) -> None:
    assert words in said(html)
    with pytest.raises(TokenProblems):
        compile_message(draft(html=html))


@pytest.mark.parametrize(
    "html",
    [
        '<img src="data:image/png;base64,AAAA" alt="">',
        '<a href="mailto:a@b.example">x</a>',
        '<a href="https://x.example/?javascript:">x</a>',
        "a < b, b > c & d",
        "<!-- a remark --><!--[if mso]><td><![endif]--><!--[if !mso]><!--><p>x<!--<![endif]-->",
        "<font color=red>x</font><center>y</center>",
        "<p>" * 300,
        "<div><b><i>x</b></i></div>" * 300,
        "<table><tr><td><div><b>x</b></table>" * 300,
        "<ul><li>x<li>y</ul>" * 300,
    ],
)
def test_ordinary_mail_html_passes(html: str) -> None:
    assert said(html) == ""


def test_the_refusal_is_one_that_every_form_understands() -> None:
    with pytest.raises(Invalid) as refusal:
        compile_message(draft(subject="[=Affiliate.FistName=]", html="<p>[=Affiliate.LstName=]"))
    assert refusal.value.problems == {
        "subject": "[=Affiliate.FistName=] is not a token. Did you mean [=Affiliate.FirstName=]?",
        "html": "Line 1: [=Affiliate.LstName=] is not a token. Did you mean [=Affiliate.LastName=]?",
    }


def test_a_kind_of_mail_that_does_not_exist_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="no kind of mail"):
        lint(draft(), context="mesage")


def test_a_hostile_template_gives_a_short_list_of_problems() -> None:
    assert len(lint(draft(html="<p onclick=x>[=Nobody=]" * 900))) <= 50


HOSTILE = {
    "open brackets": "[=" * 250_000,
    "braces": "{{" * 250_000,
    "half tokens": "[=%5B=" * 80_000,
    "angles": "<" * 500_000,
    "conditions": "<!--[if x]>" * 45_000,
    "attributes": "<a " + "b " * 250_000,
    "quotes": '<a b="' * 80_000,
    "blanks": "<a" + " " * 500_000,
    "references": "&#91;=" * 80_000,
    "digits": "[=&#" + "9" * 500_000 + "=]",
    "closed names": "".join(f"<a{n}></a{n}>" for n in range(30_000)),
    "raw ends": "<style>" + "</style" * 70_000,
    "nested lists": "<ul><li>" * 150,
    "links": "<a href=x>" * 150 + "</a>" * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_half_a_megabyte_of_spite_is_answered_soon(name: str) -> None:
    """A quadratic step would take minutes here, so that even a busy machine tells the two apart."""
    started = time.process_time()
    with suppress(TokenProblems):
        compile_message(draft(html=HOSTILE[name]))
    assert time.process_time() - started < 5
