"""Each rule, at least one mail for each verdict that it can give."""

from dataclasses import replace
from typing import Any

import pytest

from tests.mail.check.letters import (
    ADDRESS,
    ANNOUNCEMENT,
    FIELDS,
    HTML,
    LEAVE,
    NOW,
    OPERATIONAL,
    TEXT,
    WORDS,
    file,
    letter,
)
from webapp.mail.check import Checked, Circumstances, check
from webapp.mail.check.rules import every

LINK = '<a href="{}">{}</a>'
PLANNED = replace(ANNOUNCEMENT, planned=(*FIELDS, "Content-Type"))
AUTOMATIC = letter(Auto_Submitted="auto-generated")
SIGNED = "v=1; a=rsa-sha256; h=From:Subject{}; b=x"
PICTURE = '<img src="https://example.com/a.png" alt="Solara">'


def say(html: str) -> bytes:
    """The sound mail with more HTML in front of it."""
    return letter(html + HTML)


Case = tuple[str, str, str, bytes, Circumstances]
CASES: list[Case] = [
    ("M01", "pass", "the header that was planned", letter(), PLANNED),
    ("M01", "fail", "no date", letter(Date=None), ANNOUNCEMENT),
    ("M01", "fail", "two subjects", letter(above="Subject: another"), ANNOUNCEMENT),
    ("M01", "fail", "a field that nobody planned", letter(Bcc="inj@example.com"), PLANNED),
    ("M01", "fail", "a planned field that is gone", letter(List_Id=None), PLANNED),
    ("M01", "fail", "a line that is no field", letter(above="this is no field"), ANNOUNCEMENT),
    ("M01", "fail", "yesterday", letter(Date="Tue, 24 Nov 2026 12:00:05 +0000"), ANNOUNCEMENT),
    ("M01", "fail", "no date at all", letter(Date="soon"), ANNOUNCEMENT),
    ("M02", "pass", "a network", letter(From='"Partners, Northlight" <a@mail.example.com>'), ANNOUNCEMENT),
    (
        "M02",
        "pass",
        "letters of any language",
        letter(From="=?utf-8?q?M=C3=A5ns?= <a@b.example>"),
        ANNOUNCEMENT,
    ),
    (
        "M02",
        "fail",
        "an address for a name",
        letter(From='"a@bank.example" <a@mail.example.com>'),
        ANNOUNCEMENT,
    ),
    ("M02", "fail", "two senders", letter(From="a@example.com, b@example.com"), ANNOUNCEMENT),
    ("M02", "warn", "no name", letter(From="a@mail.example.com"), ANNOUNCEMENT),
    ("M02", "warn", "a long name", letter(From=f"{'Northlight ' * 7} <a@example.com>"), ANNOUNCEMENT),
    ("M02", "warn", "a picture", letter(From="=?utf-8?b?8J+UpSBTYWxl?= <a@example.com>"), ANNOUNCEMENT),
    ("M02", "warn", "a conversation", letter(From='"Re: Mara (2)" <a@example.com>'), ANNOUNCEMENT),
    ("M02", "warn", "the reader", letter(From="Emma via Northlight <a@example.com>"), ANNOUNCEMENT),
    ("M02", "unknown", "nobody", letter(From=None), ANNOUNCEMENT),
    ("M03", "pass", "our domain", letter(), ANNOUNCEMENT),
    ("M03", "fail", "another domain", letter(Message_ID="<1@host.invalid>"), ANNOUNCEMENT),
    ("M03", "fail", "no domain", letter(Message_ID="<1>"), ANNOUNCEMENT),
    ("M03", "fail", "none", letter(Message_ID=None), ANNOUNCEMENT),
    (
        *("M03", "fail", "that of another mail", letter()),
        replace(ANNOUNCEMENT, others=frozenset({FIELDS["Message-ID"]})),
    ),
    ("M04", "pass", "CRLF", letter(html=None, text="plain"), ANNOUNCEMENT),
    ("M04", "fail", "LF alone", letter().replace(b"\r\n", b"\n", 3), ANNOUNCEMENT),
    ("M04", "fail", "CR alone", letter(text="one\rtwo"), ANNOUNCEMENT),
    ("M04", "fail", "NUL", letter(text="one\0two"), ANNOUNCEMENT),
    ("M04", "fail", "a long line", letter(text="x" * 999), ANNOUNCEMENT),
    ("M04", "fail", "a huge header", letter(X=("y" * 900 + "\n ") * 40), ANNOUNCEMENT),
    ("M04", "fail", "more than the server takes", letter(), replace(ANNOUNCEMENT, largest=500)),
    ("M04", "warn", "bytes above 127", letter(), ANNOUNCEMENT),
    ("M04", "pass", "bytes above 127 where they are taken", letter(), replace(ANNOUNCEMENT, eight_bit=True)),
    ("M05", "pass", "one address", letter(), ANNOUNCEMENT),
    (
        "M05",
        "pass",
        "signed",
        letter(DKIM_Signature=SIGNED.format(":List-Unsubscribe:List-Unsubscribe-Post")),
        ANNOUNCEMENT,
    ),
    ("M05", "fail", "not signed with the rest", letter(DKIM_Signature=SIGNED.format("")), ANNOUNCEMENT),
    ("M05", "fail", "no field", letter(List_Unsubscribe=None), ANNOUNCEMENT),
    ("M05", "fail", "no click", letter(List_Unsubscribe_Post=None), ANNOUNCEMENT),
    ("M05", "fail", "a mail address only", letter(List_Unsubscribe="<mailto:a@example.com>"), ANNOUNCEMENT),
    ("M05", "fail", "encoded", letter(List_Unsubscribe="=?utf-8?q?=3Chttps=3A//a?="), ANNOUNCEMENT),
    ("M05", "warn", "without https", letter(List_Unsubscribe="<http://desk.example.com/u/1>"), ANNOUNCEMENT),
    ("M05", "n/a", "operational", letter(), OPERATIONAL),
    ("M07", "pass", "a link", letter(), ANNOUNCEMENT),
    ("M07", "pass", "another language", letter(HTML.replace("Unsubscribe", "Abmelden")), ANNOUNCEMENT),
    ("M07", "fail", "none in the HTML", letter(f"<p>{WORDS} {ADDRESS}</p>"), ANNOUNCEMENT),
    ("M07", "fail", "none in the text", letter(text=f"{WORDS} {ADDRESS}"), ANNOUNCEMENT),
    ("M07", "fail", "white on white", letter(HTML.replace("<a ", '<a style="color:#fefefe" ')), ANNOUNCEMENT),
    ("M07", "fail", "tiny", letter(HTML.replace("<a ", '<a style="font-size: 6px" ')), ANNOUNCEMENT),
    ("M07", "fail", "hidden", letter(f'<div style="display:none">{HTML}</div>'), ANNOUNCEMENT),
    ("M07", "fail", "no text at all", letter(None, None), ANNOUNCEMENT),
    ("M07", "n/a", "operational", letter(), OPERATIONAL),
    (
        "M08",
        "pass",
        "in the footer",
        letter(HTML.replace(ADDRESS, "Hamngatan 4<br>411 06 Göteborg")),
        ANNOUNCEMENT,
    ),
    ("M08", "fail", "not in the HTML", letter(HTML.replace(ADDRESS, "")), ANNOUNCEMENT),
    ("M08", "fail", "not in the text", letter(text=TEXT.replace(ADDRESS, "")), ANNOUNCEMENT),
    ("M08", "fail", "none in our settings", letter(), replace(PLANNED, postal_address=" ")),
    ("M08", "unknown", "a mail that is not ours", letter(), replace(ANNOUNCEMENT, postal_address="")),
    ("M08", "n/a", "operational", letter(), OPERATIONAL),
    ("M09", "pass", "a list", letter(Feedback_ID="a:b:c:d"), ANNOUNCEMENT),
    ("M09", "warn", "no name for the list", letter(List_Id=None), ANNOUNCEMENT),
    ("M09", "warn", "a name that can’t be read", letter(List_Id="Northlight"), ANNOUNCEMENT),
    ("M09", "warn", "five parts", letter(Feedback_ID="a:b:c:d:e"), ANNOUNCEMENT),
    ("M09", "n/a", "no list", letter(List_Unsubscribe=None), OPERATIONAL),
    ("M10", "pass", "the same words", letter(), ANNOUNCEMENT),
    ("M10", "pass", "text alone", letter(html=None), ANNOUNCEMENT),
    ("M10", "fail", "an empty text", letter(text=" "), ANNOUNCEMENT),
    ("M10", "fail", "nothing", letter(None, ""), ANNOUNCEMENT),
    ("M10", "warn", "other words", letter(text="Open this in a browser."), ANNOUNCEMENT),
    ("M10", "warn", "no text", letter(text=None), ANNOUNCEMENT),
    ("M10", "warn", "the text last", letter(order="html text"), ANNOUNCEMENT),
    ("M11", "pass", "small", letter(), ANNOUNCEMENT),
    ("M11", "warn", "nearly clipped", say("<p>word</p>" * 8_000), ANNOUNCEMENT),
    ("M11", "fail", "clipped", say("<p>word</p>\n" * 10_000), ANNOUNCEMENT),
    (
        "M11",
        "warn",
        "a heavy file",
        letter(files=file("a.pdf").replace("AAAA", "AAAA\n" * 50_000)),
        ANNOUNCEMENT,
    ),
    ("M11", "fail", "more than a megabyte", letter(text="word\n" * 220_000), ANNOUNCEMENT),
    ("M12", "n/a", "no images", letter(), ANNOUNCEMENT),
    ("M12", "pass", "one with words", say(PICTURE), ANNOUNCEMENT),
    ("M12", "warn", "without alt", say('<img src="https://example.com/a.png">'), ANNOUNCEMENT),
    ("M12", "warn", "without https", say('<img src="http://example.com/a.png" alt="">'), ANNOUNCEMENT),
    ("M12", "warn", "many", say(PICTURE * 9), ANNOUNCEMENT),
    ("M12", "fail", "nothing else", letter(PICTURE), ANNOUNCEMENT),
    ("M13", "pass", "words", letter(), ANNOUNCEMENT),
    (
        "M13",
        "pass",
        "its own address",
        say(LINK.format("https://www.solara.example/x", "solara.example")),
        ANNOUNCEMENT,
    ),
    ("M13", "n/a", "no links", letter(html="<p>words</p>"), ANNOUNCEMENT),
    ("M13", "warn", "no https", say(LINK.format("http://solara.example/", "Solara")), ANNOUNCEMENT),
    ("M13", "warn", "shortened", say(LINK.format("https://bit.ly/x", "Solara")), ANNOUNCEMENT),
    (
        "M13",
        "fail",
        "another address",
        say(LINK.format("https://evil.example/", "https://bank.example/")),
        ANNOUNCEMENT,
    ),
    ("M13", "fail", "a number", say(LINK.format("https://192.0.2.7/", "Solara")), ANNOUNCEMENT),
    ("M13", "fail", "nowhere", say(LINK.format("solara", "Solara")), ANNOUNCEMENT),
    ("M13", "fail", "damaged", say(LINK.format("https://[::1/", "Solara")), ANNOUNCEMENT),
    ("M14", "pass", "a first line", say('<div style="display:none">More from Monday</div>'), ANNOUNCEMENT),
    ("M14", "warn", "a novel", say(f'<div style="display:none">{"word " * 60}</div>'), ANNOUNCEMENT),
    ("M14", "warn", "behind the text", letter(f'{HTML}<p style="font-size:0">casino</p>'), ANNOUNCEMENT),
    (
        "M14",
        "warn",
        "its ground",
        letter(f'{HTML}<div bgcolor="#000"><p style="color:black">x</p></div>'),
        ANNOUNCEMENT,
    ),
    (
        "M14",
        "warn",
        "pale",
        letter(f'{HTML}<p style="color: rgb(220, 220, 220)">fine print</p>'),
        ANNOUNCEMENT,
    ),
    ("M14", "n/a", "no HTML", letter(html=None), ANNOUNCEMENT),
    ("M15", "pass", "a sentence", letter(), ANNOUNCEMENT),
    ("M15", "pass", "a real answer", letter(Subject="Re: Solara", In_Reply_To="<1@a>"), ANNOUNCEMENT),
    ("M15", "fail", "a false answer", letter(Subject="RE: Solara"), ANNOUNCEMENT),
    ("M15", "fail", "nothing", letter(Subject=" "), ANNOUNCEMENT),
    ("M15", "warn", "shouting", letter(Subject="SOLARA PAYS MORE"), ANNOUNCEMENT),
    ("M15", "warn", "much ado", letter(Subject="Solara pays more!! Now!"), ANNOUNCEMENT),
    ("M15", "warn", "a long one", letter(Subject="Solara " * 20), ANNOUNCEMENT),
    ("M17", "pass", "plain", letter(), ANNOUNCEMENT),
    ("M17", "fail", "a script", say("<script>1</script>"), ANNOUNCEMENT),
    ("M17", "fail", "a form", say("<form action=/x></form>"), ANNOUNCEMENT),
    ("M17", "fail", "a handler", say("<p onclick=x>a</p>"), ANNOUNCEMENT),
    ("M17", "fail", "a script in a link", say(LINK.format("java&#115;cript:x", "a")), ANNOUNCEMENT),
    (
        "M17",
        "fail",
        "foreign styles",
        say('<link rel="stylesheet" href="https://a.example/x.css">'),
        ANNOUNCEMENT,
    ),
    ("M17", "fail", "imported styles", say("<style>@import url(x)</style>"), ANNOUNCEMENT),
    ("M17", "warn", "a film", say("<video></video>"), ANNOUNCEMENT),
    ("M17", "warn", "a grid", say('<p style="display: grid">a</p>'), ANNOUNCEMENT),
    ("M17", "n/a", "no HTML", letter(html=None), ANNOUNCEMENT),
    ("M18", "pass", "filled", letter(), ANNOUNCEMENT),
    ("M18", "fail", "in the subject", letter(Subject="Hi [=Affiliate.FirstName=]"), ANNOUNCEMENT),
    (
        "M18",
        "fail",
        "in a link",
        say(LINK.format("https://a.example/?a=%5B=Affiliate.ID=%5D", "x")),
        ANNOUNCEMENT,
    ),
    ("M18", "warn", "of another product", letter(text=f"{TEXT} *|FNAME|*"), ANNOUNCEMENT),
    ("M18", "warn", "a gap", letter(text=TEXT.replace("Hi Emma,", "Hi ,")), ANNOUNCEMENT),
    ("M18", "warn", "None", letter(HTML.replace("62 dollars", "None")), ANNOUNCEMENT),
    ("M19", "pass", "none", letter(), ANNOUNCEMENT),
    ("M19", "warn", "a paper", letter(files=file("terms.pdf", "application/pdf")), ANNOUNCEMENT),
    ("M19", "fail", "a program", letter(files=file("terms.pdf.exe")), ANNOUNCEMENT),
    ("M19", "fail", "a path", letter(files=file("../terms.pdf")), ANNOUNCEMENT),
    ("M20", "pass", "marked", AUTOMATIC, OPERATIONAL),
    ("M20", "warn", "not marked", letter(), OPERATIONAL),
    ("M20", "warn", "no sender", letter(Return_Path="<>"), ANNOUNCEMENT),
    ("M20", "n/a", "a list", letter(), ANNOUNCEMENT),
]


def of(number: str, found: list[Checked]) -> Checked:
    return next(one for one in found if one.rule.id == number)


@pytest.mark.parametrize(
    ("number", "verdict", "name", "raw", "about"), CASES, ids=[" ".join(one[:3]) for one in CASES]
)
def test_a_rule_judges(number: str, verdict: str, name: str, raw: bytes, about: Circumstances) -> None:
    finding = of(number, check(raw, about)).finding
    assert finding.verdict == verdict, finding
    assert finding.words
    assert bool(finding.remedy) == (verdict in ("warn", "fail")) or verdict == "unknown"


def test_every_rule_has_a_case_in_which_it_passes_and_one_in_which_it_does_not() -> None:
    for rule in every():
        verdicts = {case[1] for case in CASES if case[0] == rule.id}
        assert "pass" in verdicts
        assert verdicts & {"warn", "fail"}


def test_a_sound_mail_has_nothing_to_mend() -> None:
    verdicts: dict[str, Any] = {
        one.rule.id: one.finding.verdict for one in check(letter(), replace(PLANNED, eight_bit=True))
    }
    assert {number for number, verdict in verdicts.items() if verdict not in ("pass", "n/a")} == set()


def test_an_address_to_unsubscribe_that_is_no_link_is_told_how_to_become_one() -> None:
    finding = of("M07", check(letter(f"<p>{WORDS} Leave: {LEAVE}</p>"), ANNOUNCEMENT)).finding
    assert finding.words == "The address stands in the HTML as words, and nobody can press it."
    assert '<a href="[=Unsubscribe.Link=]">' in finding.remedy


def test_a_finding_names_the_line_and_what_stands_there() -> None:
    raw = letter(HTML + "\n\n" + LINK.format("https://192.0.2.7/", "Solara"))
    (place,) = of("M13", check(raw, ANNOUNCEMENT)).finding.evidence
    assert str(place) == "HTML, line 3: Solara → https://192.0.2.7/"


def test_the_worst_comes_first() -> None:
    found = check(letter(Subject="", Feedback_ID="a:b:c:d:e"), ANNOUNCEMENT)
    verdicts = [one.finding.verdict.value for one in found]
    assert verdicts == sorted(verdicts, key=("fail", "warn", "unknown", "pass", "n/a").index)
    assert found[0].rule.id == "M15"


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    found = of("M15", check(letter(Subject="RE: \x1b[31mred \u202e"), Circumstances(True, NOW)))
    assert "\x1b" not in str(found.finding.evidence[0])
    assert LEAVE in TEXT
