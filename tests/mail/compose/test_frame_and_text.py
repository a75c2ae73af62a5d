"""The network's own frame around a text, and a text part that somebody wrote himself."""

import pytest

from webapp.mail.compose import TokenProblems, compile_message

from .drafts import UNSUBSCRIBE, bodies, draft, page, sent

FRAME = (
    "<html><head><style>.footer{color:#123456}</style></head><body><!--preheader-->"
    "<table><tr><td><!--body--></td></tr></table><!--footer--></body></html>"
)


def test_a_text_flows_into_the_frame_with_its_first_line_and_its_footer() -> None:
    whole = bodies(sent({"html": "<p>Hello</p>", "frame": FRAME, "preheader": "Short news"}))[1]
    body, cell = whole.index("<body>"), whole.index("<td><p>Hello</p>")
    assert body < whole.index("Short news") < cell < whole.index(UNSUBSCRIBE)
    assert '<div class="footer" style="color: #123456;">' in whole


def test_a_whole_document_keeps_its_own_frame() -> None:
    whole = bodies(sent({"html": page("<p>Hello</p>"), "frame": FRAME}))[1]
    assert "<td>" not in whole


def test_a_place_that_is_named_in_the_text_is_no_place() -> None:
    whole = bodies(sent({"html": "<p>Hello</p><!--footer--><!--body-->", "frame": FRAME}))[1]
    assert whole.count("<p>Hello</p>") == whole.count(f'href="{UNSUBSCRIBE}"') == 1


def test_a_text_part_of_ones_own_is_sent_instead_of_the_made_one() -> None:
    text = bodies(sent({"text": "Dear [=Affiliate.FirstName|friend=],\nit pays more."}))[0]
    assert text.startswith("Dear Dana,\nit pays more.\n")


def test_an_own_text_part_lacks_neither_address_nor_unsubscribe_link() -> None:
    text = bodies(sent({"text": "News."}))[0]
    assert "Northwind Partners\n12 Harbor Street\nSalt Lake City, UT 84101" in text
    assert f"Unsubscribe: {UNSUBSCRIBE}" in text
    own = "News.\n[=Network.Address=]\nLeave: [=Unsubscribe.Link=]"
    assert bodies(sent({"text": own}))[0].count(UNSUBSCRIBE) == 1


def test_an_unknown_token_in_the_text_part_is_found() -> None:
    with pytest.raises(TokenProblems) as refused:
        compile_message(draft(text="Hi [=Affiliate.FistName=]"))
    assert "Did you mean [=Affiliate.FirstName=]?" in refused.value.problems["text"]
