"""Conditions and lists: what the grammar takes, and what it refuses with line and remedy."""

import pytest

from webapp.mail.tokens import lint_html, lint_text
from webapp.mail.tokens.conditions import read_mark
from webapp.mail.tokens.lists import MOST_ITEMS, as_value, items_of

VALUES = {"affiliate.companyname": " Bright Leads ", "offertype": "CPA", "affiliate.altid": ""}


def said(html: str, context: str = "message") -> list[str]:
    return [problem.sentence for problem in lint_html(html, context)]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("if Affiliate.CompanyName", True),
        ("IF  affiliate . companyname", True),
        ("if Affiliate.AltID", False),
        ("if not Affiliate.AltID", True),
        ('if OfferType = "CPA"', True),
        ("if OfferType='cpa'", True),
        ('if OfferType == " Cpa "', True),
        ('if OfferType = "CP"', False),
        ('if not OfferType = "CPA"', False),
        ('if OfferType != "CPA"', False),
        ('if OfferType != "a=b!=c"', True),
        ('if Affiliate.AltID = ""', True),
    ],
)
def test_a_condition_asks_whether_a_token_has_a_value_or_which(text: str, holds: bool) -> None:
    mark, misread = read_mark(text, f"[={text}=]", 0, 1)
    assert misread is None
    assert mark.condition is not None
    assert mark.condition.holds(VALUES) is holds


def test_every_part_of_the_grammar_is_accepted() -> None:
    assert said("[=if Affiliate.ID=]x[=else=]y[=end=]") == []
    assert said("[=IF Affiliate.ID = &quot;7&quot;=]x[= END =]") == []
    assert said("[=each Offers=]<p>[=OfferName=] [=TrackingURL=]</p>[=end=]") == []
    assert said("[=if Offers=][=each offers=][=if OfferEndDate=]x[=end=][=end=][=end=]") == []
    assert said("[=each ReplacementOffers=][=OfferName=][=end=]", "offer_paused") == []
    assert lint_text("[=if Affiliate.FirstName=]Hi[=else=]Hello[=end=]", "subject") == []


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("a\n[=if Affiliate.ID=]x", "Line 2: [=if Affiliate.ID=] begins a block that is never ended."),
        ("x\n\n[=end=]", "Line 3: [=end=] has no [=if …=] or [=each …=] before it."),
        ("[=else=]", "Line 1: [=else=] has no [=if …=] or [=each …=] before it."),
        ("[=if CID=]a[=else=]b[=else=]c[=end=]", "is the second of its condition."),
        ("[=each Offers=]a[=else=]b[=end=]", "only conditions have an else"),
        ("[=each Offers=][=each Offers=]b[=end=][=end=]", "stands inside another list"),
        ("[=if Affiliate.FistName=]x[=end=]", "Did you mean Affiliate.FirstName?"),
        ("[=if config.items()=]x[=end=]", "asks for something that is not a token"),
        ("[=if Affiliate.ID > 7=]x[=end=]", "is not a condition."),
        ("[=if Affiliate.ID = 7=]x[=end=]", "is not a condition."),
        ("[=if=]x[=end=]", "is not a condition."),
        ("[=if OfferType = “CPA”=]x[=end=]", 'has curly quotes. Write it as [=if OfferType = "CPA"=].'),
        ("[=each Affiliates=]x[=end=]", "names no list. Write [=each Offers=]"),
        ("[=each=]x[=end=]", "has no list."),
        ("[=if Affiliate.ID=]x[=endif=]", "ends a block in another spelling. Write [=end=]."),
        ("[=if Affiliate.ID=]x[=else if CID=]y[=end=]", "Write [=else=], and the next condition as [=if …=]"),
        ("[=Offers=]", "is a list. Write [=each Offers=]"),
        ("[=OfferName=]", "not about one. Remove it, send the mail about an offer, or put it between [=each Offers=]"),
        ("[=if OfferName=]x[=end=]", "not about one."),
        ("[=each ReplacementOffers=]x[=end=]", "is a list that this kind of mail does not have."),
        ("[=if Affili<b>ate</b>.ID=]x[=end=]", "editor has broken. Write it as [=if Affiliate.ID=]."),
        ("[=if Affiliate.ID=]x%5B=end=%5D", "editor has broken. Write it as [=end=]."),
        ("&#91;=if Affiliate.ID=&#93;x[=end=]", "editor has broken. Write it as [=if Affiliate.ID=]."),
        ("[=if Affiliate.\u00adID=]x[=end=]", "editor has broken. Write it as [=if Affiliate.ID=]."),
        ('<a href="[=if Affiliate.ID=]https://x.example[=end=]">', "Put the block around the whole element"),
        ('<p style="[=if Affiliate.ID=]color:red[=end=]">', "Put the block around the whole element"),
        ("<p [=if Affiliate.ID=]class=x[=end=]>", "Put the block around the whole element"),
    ],
)  # fmt: skip
def test_what_is_no_block_is_refused_with_a_remedy(html: str, sentence: str) -> None:
    assert any(sentence in one for one in said(html)), said(html)


def test_blocks_may_stand_five_deep() -> None:
    assert said("[=if CID=]" * 5 + "x" + "[=end=]" * 5, "offer") == []
    assert "more than 5 blocks" in said("[=if CID=]" * 6 + "x" + "[=end=]" * 6, "offer")[0]


def test_a_list_travels_as_one_text() -> None:
    items = [{"OfferName": "Söl[=ar=]", "CID": "1"}, {"OfferName": '"x"\n'}]
    assert items_of(as_value(items)) == ({"offername": "Söl[=ar=]", "cid": "1"}, {"offername": '"x"\n'})
    assert items_of("") == items_of("<ul></ul>") == items_of("[]") == ()


def test_a_list_that_is_too_long_or_no_list_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 200"):
        as_value([{"cid": "1"}] * (MOST_ITEMS + 1))
    for value in ("[1]", "[", '[{"cid":1}]'):
        with pytest.raises(ValueError, match=r"."):
            items_of(value)
