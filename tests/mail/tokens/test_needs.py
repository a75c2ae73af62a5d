"""Which values a text needs, and of whom."""

from webapp.mail.tokens import parse
from webapp.mail.tokens.needs import for_everybody, needs

HTML = (
    "[=Affiliate.ID=] [=CID|0=] [=if Affiliate.AltID=][=Affiliate.AltID=][=else=][=Affiliate.LastName=][=end=]"
    "[=each Offers=][=OfferName=] [=Affiliate.Email=][=end=]"
)


def test_a_token_in_a_block_is_needed_by_those_who_see_it() -> None:
    found = {
        key: [[(one.key, shown) for one, shown in guards] for guards in all_]
        for key, all_ in needs(parse(HTML)).items()
    }
    assert found == {
        "affiliate.id": [[]],
        "affiliate.altid": [[("affiliate.altid", True)]],
        "affiliate.lastname": [[("affiliate.altid", False)]],
        "affiliate.email": [[]],
    }


def test_what_everybody_sees_stands_in_no_block() -> None:
    assert for_everybody(parse(HTML)) == {"affiliate.id", "cid"}
