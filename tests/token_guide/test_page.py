"""The page of tokens: everybody who is signed in may read it, and it says what the composer does."""

from tests.browser import Person, words
from webapp.mail.compose import guide
from webapp.mail.tokens import TOKENS


def test_somebody_without_any_right_reads_every_token_with_an_example(colleague: Person) -> None:
    page = words(colleague.get("/tokens"))
    assert all(spec.written() in page for spec in TOKENS.values())
    assert (
        "[=TrackingURL=] Offer This affiliate's own tracking link. mail about an offer; in a list of offers"
        in page
    )
    assert "https://go.network.example/?c=3071&a=1042" in page


def test_a_stranger_is_sent_to_sign_in(stranger: Person) -> None:
    assert stranger.get("/tokens").status_code == 302


def test_it_can_be_searched(colleague: Person) -> None:
    assert "[=OfferEndDate=]" not in words(colleague.get("/tokens?q=first+name"))
    assert "[=Affiliate.FirstName=]" in words(colleague.get("/tokens?q=first+name"))
    assert "No token has “<b>x” in its name or meaning." in words(colleague.get("/tokens?q=<b>x"))


def test_every_token_and_every_condition_has_an_example_that_was_composed() -> None:
    assert [one.written for one in guide.tokens() if not one.example] == []
    assert ("For Bright Leads LLC", "For you") in [one.examples for one in guide.grammar()]
