"""Conditions and lists in a mail: each recipient gets what a slow and simple reading of the template says, in every part."""

import json
import re
from email.message import EmailMessage
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from webapp.mail.compose import Draft, TokenProblems, compile_message, lint
from webapp.mail.compose.segment import TooLarge
from webapp.mail.tokens.lists import as_value

from .attacks import ATTACKS
from .drafts import UNSUBSCRIBE, VALUES, bodies, draft, page, parsed, sent
from .test_any_values import check_wire, filled, flat

OFFERS = as_value(
    [
        {"offername": "Solar <US>", "trackingurl": "https://go.example/?c=1&a=2", "offertype": "CPA"},
        {"offername": "Home & Car", "trackingurl": "https://go.example/?c=2&a=2", "offertype": "CPL"},
    ]
)
KNOWN = {**VALUES, "offers": OFFERS}
Tree = list[Any]
"""A template as the tests make it: a text, ("token", key), ("if", key, wanted, tree, tree) or ("each", tree)."""

KEYS = ["affiliate.firstname", "affiliate.companyname"]
texts = st.text("abF.=%, é😀\n-", max_size=60).map(lambda text: text.replace("[=", ""))
values = st.one_of(st.sampled_from(ATTACKS), st.text("ab<&\"'=. \nFé", max_size=60), st.just(""))
leaves = st.one_of(texts, st.sampled_from([("token", key) for key in KEYS]))
inner = st.one_of(leaves, st.just(("token", "offername")), st.just(("link", "offername")))


def _tree(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.lists(leaf, max_size=3),
        lambda trees: st.builds(
            lambda *parts: [*parts[0], ("if", parts[1], parts[2], parts[3], parts[4])],
            st.lists(leaf, max_size=2), st.sampled_from(KEYS), st.sampled_from([None, "Bright"]), trees, trees,
        ),
        max_leaves=4,
    )  # fmt: skip


def _flat(tree: Tree) -> str:
    """The tree as a template."""
    out = ""
    for node in tree:
        if isinstance(node, str):
            out += escape(node, quote=False)
        elif node[0] == "token":
            out += f"<i>[={node[1]}=]</i>"
        elif node[0] == "link":
            out += f'<a href="https://x.example/?o=[={node[1]}=]">x</a>'
        elif node[0] == "if":
            asked = f' = "{node[2]}"' if node[2] else ""
            out += f"[=if {node[1]}{asked}=]{_flat(node[3])}[=else=]{_flat(node[4])}[=end=]"
        else:
            out += f"[=each Offers=]<p>{_flat(node[1])}</p>[=end=]"
    return out


def _read(tree: Tree, known: dict[str, str]) -> str:
    """The HTML that the template must become for one recipient."""
    out = ""
    for node in tree:
        if isinstance(node, str):
            out += escape(node, quote=False)
        elif node[0] == "token":
            out += f"<i>{escape(flat(known.get(node[1], '')))}</i>"
        elif node[0] == "link":
            out += f'<a href="https://x.example/?o={quote(flat(known.get(node[1], "")), safe="")}">x</a>'
        elif node[0] == "if":
            value = known.get(node[1], "").strip()
            held = value.lower() == node[2].lower() if node[2] else bool(value)
            out += _read(node[3 if held else 4], known)
        else:
            out += "".join(f"<p>{_read(node[1], known | item)}</p>" for item in json.loads(known["offers"]))
    return out


trees = st.tuples(_tree(leaves), _tree(inner).map(lambda tree: ("each", tree)), _tree(leaves)).map(
    lambda three: ["x", *three[0], three[1], *three[2]]
)
people = st.fixed_dictionaries(
    {
        "affiliate.firstname": values,
        "affiliate.companyname": st.one_of(values, st.sampled_from(["bright", "Bright "])),
        "offers": st.lists(st.fixed_dictionaries({"offername": values}), max_size=3).map(json.dumps),
    }
)


@settings(max_examples=80, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(trees, st.lists(people, min_size=1, max_size=4), st.sampled_from(["announcement", "operational"]))
def test_any_template_with_blocks_becomes_what_a_simple_reading_says(
    tree: Tree, recipients: list[dict[str, str]], kind: str
) -> None:
    message = compile_message(draft(html=page(_flat(tree)), subject="S", kind=kind))
    for known in recipients:
        raw = filled(message, known)
        check_wire(raw, kind)
        text, html = bodies(raw)
        expected = page(_read(tree, known))
        assert html.startswith(expected.removesuffix("</body></html>"))
        assert kind == "announcement" or html == expected + "\n"
        plain = re.sub(r"%5B%3D|%3D%5D", "", expected.replace("[=", "[").replace("=]", "]"))
        by_itself = compile_message(draft(html=plain, subject="S", kind=kind))
        assert _letters(text) == _letters(bodies(filled(by_itself, {}))[0])


def _letters(text: str) -> str:
    """How lines are broken depends on what was known when they were."""
    return re.sub(r"[\W\d_]", "", re.sub(r"\(https?://\S*", "", text))


def _sent(body: str, values: dict[str, str], **changes: Any) -> tuple[str, str]:
    return bodies(sent({"html": page(body), "kind": "operational", **changes}, values))


def test_escaping_follows_the_place_in_each_branch() -> None:
    body = (
        '<p title="[=if Affiliate.AltID=][=Affiliate.AltID=][=else=]<none>[=end=]">x</p>'
        '<a href="https://x.example/?a=1[=if Affiliate.AltID=]&amp;alt=[=Affiliate.AltID=][=end=]#e">y</a>'
    )
    _, html = _sent(body, {**VALUES, "affiliate.altid": 'a"b &'})
    assert (
        '<p title="a&quot;b &amp;">x</p><a href="https://x.example/?a=1&amp;alt=a%22b%20%26#e">y</a>' in html
    )
    _, html = _sent(body, VALUES)
    assert '<p title="<none>">x</p><a href="https://x.example/?a=1#e">y</a>' in html


ROWS = "<table><tr><th>Offer</th></tr>[=each Offers=]<tr><td><a href='[=TrackingURL=]'>[=OfferName=]</a></td></tr>[=end=]</table>"


@pytest.mark.parametrize("style", ["", "<style>td{color:red}</style>"])
def test_a_row_is_repeated_for_each_offer_also_where_styles_are_inlined(style: str) -> None:
    text, html = bodies(
        sent({"html": f"<html><head>{style}</head><body>{ROWS}</body></html>", "kind": "operational"}, KNOWN)
    )
    assert html.count("<tr>") == html.count("</tr>") == 3
    assert html.count('style="color: red') == (2 if style else 0)
    assert re.findall(r"""href=['"]([^'"]*)['"]>([^<]*)<""", html) == [
        ("https://go.example/?c=1&amp;a=2", "Solar &lt;US&gt;"),
        ("https://go.example/?c=2&amp;a=2", "Home &amp; Car"),
    ]
    assert "Solar <US> (https://go.example/?c=1&a=2)\nHome & Car (https://go.example/?c=2&a=2)\n" in text


def test_the_text_part_has_no_holes_where_a_block_is_not_shown() -> None:
    body = "<p>A</p>[=if Affiliate.AltID=]<p>B</p>[=else=]<p>C</p>[=end=][=if CID=]<p>D</p>[=end=]<p>E</p>"
    message = compile_message(draft(html=page(body), kind="operational"), context="offer")
    shown = {
        alt: bodies(filled(message, {"affiliate.altid": alt, "cid": cid}))[0]
        for alt, cid in [("", ""), ("7", "1")]
    }
    assert shown == {"": "A\n\nC\n\nE\n", "7": "A\n\nB\n\nD\n\nE\n"}


def test_words_around_a_condition_keep_their_blanks() -> None:
    body = "<p>Hello [=if Affiliate.AltID=]<b>[=Affiliate.AltID=]</b>[=else=]friend[=end=], welcome [=if CID=]back[=end=]!</p>"
    message = compile_message(draft(html=page(body), kind="operational"), context="offer")
    assert bodies(filled(message, {}))[0] == "Hello friend, welcome !\n"
    assert bodies(filled(message, {"affiliate.altid": "7", "cid": "1"}))[0] == "Hello 7, welcome back!\n"


def test_a_plain_text_may_have_blocks_on_lines_of_their_own() -> None:
    html = "Hello\n\n[=each Offers=]\n[=OfferName=]\nat [=OfferPayout|a price=]\n[=end=]\n\nBye"
    text, html = bodies(sent({"html": html}, KNOWN))
    assert "<p>Solar &lt;US&gt;<br>\nat a price</p>" in html
    assert text.startswith("Hello\n\nSolar <US>\nat a price\n\nHome & Car\nat a price\n\nBye\n")


def test_a_subject_and_a_preheader_may_have_conditions() -> None:
    subject = "[=if Affiliate.AltID=][=Affiliate.AltID=]: [=end=]News[=if not Offers=], none[=end=]"
    message = compile_message(draft(subject=subject, preheader="[=if Affiliate.AltID=]A & B[=else=]C[=end=]"))
    for alt, offers, expected, hidden in (
        ("", "", "News, none", ">C</div>"),
        ("Zoë\r\nBcc: v@x.example", OFFERS, "Zoë Bcc: v@x.example: News", ">A &amp; B</div>"),
    ):
        raw = filled(message, {"affiliate.altid": alt, "offers": offers})
        mail: EmailMessage = parsed(raw)
        assert mail["Subject"] == expected
        assert hidden in bodies(raw)[1]


def test_the_preview_shows_the_same() -> None:
    message = compile_message(draft(html=page(ROWS), subject="[=if Offers=]Some[=else=]None[=end=]"))
    preview = message.preview(KNOWN)
    text, html = bodies(filled(message, {**KNOWN, "unsubscribe.link": UNSUBSCRIBE}))
    assert preview.subject == "Some"
    assert preview.text.replace("https://desk.example/u/preview", UNSUBSCRIBE) == text
    assert preview.html.replace("https://desk.example/u/preview", UNSUBSCRIBE) + "\n" == html


def test_only_what_a_recipient_would_see_can_be_missing() -> None:
    message = compile_message(
        draft(
            html=page(
                "[=if Affiliate.AltID=]<p>[=Affiliate.AltID=]</p>[=else=]<p>[=Affiliate.LastName=]</p>[=end=]"
            )
        )
    )
    assert message.missing({"affiliate.firstname": "D", "affiliate.altid": "7"}) == ()
    assert message.missing({"affiliate.firstname": "D"}) == ("Affiliate.LastName",)


def test_a_list_nobody_has_put_in_is_missing_and_an_empty_one_is_not() -> None:
    message = compile_message(draft(html=page(ROWS)))
    assert message.missing(VALUES) == ("Offers",)
    assert message.missing({**VALUES, "offers": "[]"}) == ()
    assert message.missing({**VALUES, "offers": as_value([{"offername": "x"}])}) == ("TrackingURL",)


def test_a_link_to_leave_that_only_some_would_see_does_not_replace_the_one_in_the_footer() -> None:
    body = '[=if Affiliate.AltID=]<p><a href="[=Unsubscribe.Link=]">out</a> [=Network.Address=]</p>[=end=]'
    _, html = bodies(sent({"html": page(body)}, VALUES))
    assert UNSUBSCRIBE in html
    assert "12 Harbor Street" in html


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("<ul>[=if Affiliate.ID=]<li>x[=end=]</ul>", "Close <li> before [=end=]."),
        ("<p>a [=if Affiliate.ID=]b</p>[=end=]", "begins inside <p>, and its [=end=] stands inside <body>."),
        ("[=if Affiliate.ID=]<b>x[=else=]</b>y[=end=]", "begins inside <body>, and its [=else=] stands inside <b>."),
        ("<p>[=if Affiliate.ID=]<div>x</div>[=end=]</p>", "begins inside <p>"),
        ('<p>[=if Affiliate.ID=]<i title="x[=end=]y">z</i></p>', "and its [=end=] stands in an attribute."),
        ('<p title="[=if Affiliate.ID=]x" class="[=end=]">z</p>', "begins in an attribute"),
        ("[=each Offers=]<!-- [=OfferName=] [=end=] x --><p>y</p>", "and its [=end=] stands in a comment."),
        ("<!--[if mso]>[=if Affiliate.ID=]<p>x</p><![endif]--><p>[=end=]</p>", "begins in a part for Outlook"),
        ("<table><tr><td>[=each Offers=]</td></tr><tr><td>[=end=]</td></tr></table>", "begins inside <td>"),
    ],
)  # fmt: skip
def test_a_block_that_would_tear_an_element_is_refused_with_line_and_remedy(body: str, sentence: str) -> None:
    found = [problem.sentence for problem in lint(draft(html=page("\n" + body)))]
    assert any(one.startswith("Line 2: ") and sentence in one for one in found), found
    with pytest.raises(TokenProblems):
        compile_message(draft(html=page(body)))


def test_what_browsers_would_move_out_of_a_block_is_refused() -> None:
    table = "<table>[=each Offers=]<tr>[=OfferName=]</tr>[=end=]</table>"
    html = f"<html><head><style>p{{color:red}}</style></head><body>{table}</body></html>"
    assert "Put it into a cell." in lint(draft(html=html))[0].sentence


def test_a_mail_that_would_grow_without_bound_is_refused() -> None:
    message = compile_message(draft(html=page("[=each Offers=]" + "<p>[=OfferName=]</p>" * 900 + "[=end=]")))
    offers = as_value([{"offername": "x" * 300}] * 200)
    with pytest.raises(TooLarge):
        filled(message, {"offers": offers})


def test_a_draft_with_blocks_travels_as_plain_data() -> None:
    made = draft(html=page(ROWS))
    assert Draft.from_dict(json.loads(json.dumps(made.as_dict()))) == made
    assert json.loads(json.dumps(KNOWN)) == KNOWN


def test_a_text_part_of_ones_own_may_have_blocks_and_keeps_the_way_out() -> None:
    own = (
        "Hello\n[=if Affiliate.AltID=]\nYou are [=Affiliate.AltID=]: [=Unsubscribe.Link=]\n[=end=]\n"
        "[=each Offers=]\n* [=OfferName=]\n[=end=]\nBye"
    )
    for alt, shown in (
        ("7", f"Hello\nYou are 7: {UNSUBSCRIBE}\n* Solar <US>\n* Home & Car\nBye\n"),
        ("", "Hello\n* Solar <US>\n"),
    ):
        text, _ = bodies(sent({"html": "<p>x</p>", "text": own}, {**KNOWN, "affiliate.altid": alt}))
        assert text.startswith(shown)
        assert f"Unsubscribe: {UNSUBSCRIBE}" in text


def test_a_list_may_also_stand_as_a_token() -> None:
    message = compile_message(
        draft(html=page("[=ReplacementOffers=][=each ReplacementOffers=]<p>[=OfferName=]</p>[=end=]")),
        context="offer_paused",
    )
    text, html = bodies(filled(message, {"replacementoffers": OFFERS}))
    assert '<ul><li><a href="https://go.example/?c=1&amp;a=2">Solar &lt;US&gt;</a></li>' in html
    assert text.startswith("- Solar <US> (https://go.example/?c=1&a=2)\n- Home & Car")
    assert "[{" not in bodies(filled(message, {"replacementoffers": "[]"}))[1]
    assert (
        "<ul><li>Ready</li></ul>"
        in bodies(filled(message, {"replacementoffers": "<ul><li>Ready</li></ul>"}))[1]
    )
