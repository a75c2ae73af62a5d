"""An edition: who gets it, what stands in it, and that it is one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.broadcasts.sending import folder, sender, until
from tests.browser import Person
from tests.digests.conftest import MakeDigest, MakeOffer
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.digests import issuing
from webapp.digests.models import Digest, DigestEdition
from webapp.digests.values import DigestValues
from webapp.mail import suppressions
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox import control
from webapp.mail.tokens.lists import items_of
from webapp.mail_templates import service as templates
from webapp.offers.models import Assignment, Offer
from webapp.settings import store
from webapp.wiring import open_desk


def again(desk: Desk, digest: Digest) -> int:
    """The next time has come."""
    with desk.session() as session:
        session.get_one(Digest, digest.id).next_at = utcnow() - timedelta(minutes=1)
    return issuing.issue_due(desk)


def told(desk: Desk) -> list[dict[str, list[str]]]:
    """By edition: the CIDs that stand in the mail to each address."""
    with desk.reading() as session:
        found = []
        for edition in session.scalars(select(DigestEdition).order_by(DigestEdition.id)):
            about = f"offer_digest:{edition.content_id}"
            mails = session.scalars(
                select(OutboxMail).where(
                    OutboxMail.content_id == edition.content_id, OutboxMail.state != "suppressed"
                )
            )
            found.append({mail.address: cids(session, mail, about) for mail in mails})
        return found


def cids(session, mail: OutboxMail, about: str) -> list[str]:  # type: ignore[no-untyped-def]
    values = DigestValues().load(session, [mail.recipient_id or 0], about)
    return [item["cid"] for item in items_of(values[mail.recipient_id or 0]["offers"])]


def said(desk: Desk) -> str:
    with desk.reading() as session:
        return session.scalars(select(DigestEdition.said).order_by(DigestEdition.id.desc())).first() or ""


def test_each_hears_of_what_is_new_for_him(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest
) -> None:
    offer("1", approved=[two[0]])
    offer("2", denied=[two[1]])
    offer("3", status="draft")
    offer("4", status="paused")
    offer("5", end_date=utcnow().date() - timedelta(days=2))
    offer("6", start_date=utcnow().date() + timedelta(days=2))
    digest()
    assert issuing.issue_due(network) == 1
    assert told(network) == [{"one@a.example.com": ["2"], "two@a.example.com": ["1"]}]


def test_nothing_is_told_twice_and_nothing_new_is_no_mail(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest, affiliate: MakeAffiliate
) -> None:
    offer("1")
    made = digest()
    issuing.issue_due(network)
    assert again(network, made) == 0
    assert said(network) == issuing.NOTHING
    offer("2")
    affiliate("Three", email="three@a.example.com")
    again(network, made)
    assert told(network)[2] == {
        "one@a.example.com": ["2"],
        "two@a.example.com": ["2"],
        "three@a.example.com": ["1", "2"],
    }


def test_an_offer_that_was_paused_meanwhile_is_still_news_afterwards(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest, affiliate: MakeAffiliate
) -> None:
    paused = offer("1")
    made = digest()
    issuing.issue_due(network)
    with network.session() as session:
        session.get_one(Offer, paused.id).status = "paused"
    late = affiliate("Late", email="late@a.example.com")
    offer("2")
    again(network, made)
    with network.session() as session:
        session.get_one(Offer, paused.id).status = "active"
    again(network, made)
    assert late.address in told(network)[1]
    assert told(network)[2] == {"late@a.example.com": ["1"]}


def test_what_left_nobody_is_news_once_more(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest
) -> None:
    offer("1")
    made = digest()
    issuing.issue_due(network)
    with network.session() as session:
        control.cancel(session, session.scalars(select(Mailing.id)).one())
    again(network, made)
    assert told(network)[1] == {"one@a.example.com": ["1"], "two@a.example.com": ["1"]}


def test_two_clockworks_and_a_restart_make_one_edition(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest
) -> None:
    offer("1")
    digest()
    other = open_desk(network.config)
    with ThreadPoolExecutor(2) as both:
        assert sum(both.map(issuing.issue_due, (network, other))) == 1
    assert issuing.issue_due(other) == 0
    other.close()
    assert len(told(network)) == 1


def test_who_left_the_digest_or_has_had_enough_gets_none(
    network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest, affiliate: MakeAffiliate
) -> None:
    affiliate("Three", email="three@a.example.com")
    with network.session() as session:
        suppressions.add(session, "one@a.example.com", scope="digest", reason="unsubscribed")
        suppressions.add(session, "two@a.example.com", scope="newsletter", reason="unsubscribed")
        store.put(session, {"most_announcements": "1"})
    offer("1")
    made = digest()
    issuing.issue_due(network)
    assert set(told(network)[0]) == {"two@a.example.com", "three@a.example.com"}
    offer("2")
    assert again(network, made) == 0


def test_it_goes_to_the_affiliates_of_its_author_and_tells_of_offers_that_he_sees(
    network: Desk, person: MakePerson, offer: MakeOffer, digest: MakeDigest, affiliate: MakeAffiliate
) -> None:
    ann = person("send_to_own_affiliates")
    assert ann.user is not None
    affiliate("Mine", email="mine@a.example.com", manager_id=ann.user.id)
    affiliate("Theirs", email="theirs@a.example.com")
    offer("1", manager_id=ann.user.id)
    offer("2")
    digest(ann, audience="my")
    issuing.issue_due(network)
    assert told(network) == [{"mine@a.example.com": ["1"]}]


Wrong = Callable[[Desk, Digest], None]


def disabled(desk: Desk, digest: Digest) -> None:
    with desk.session() as session:
        session.get_one(User, digest.created_by).disabled_at = utcnow()


def no_address(desk: Desk, _digest: Digest) -> None:
    with desk.session() as session:
        store.put(session, {"postal_address": ""})


def too_many(desk: Desk, _digest: Digest) -> None:
    with desk.session() as session:
        store.put(session, {"approve_above": "1"})


def too_late(desk: Desk, digest: Digest) -> None:
    with desk.session() as session:
        session.get_one(Digest, digest.id).next_at = utcnow() - timedelta(days=2)


def off(desk: Desk, digest: Digest) -> None:
    with desk.session() as session:
        templates.switch(session, session.get_one(User, digest.created_by), "offer_digest", on=False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (off, "is switched off"),
        (disabled, "may not send it any more"),
        (no_address, "postal address"),
        (too_many, "would go to 2 affiliates"),
        (too_late, "a day had passed"),
    ],
)
def test_what_stands_in_its_way_holds_the_edition_says_so_and_the_next_is_due(
    network: Desk,
    person: MakePerson,
    two: list[Affiliate],
    offer: MakeOffer,
    digest: MakeDigest,
    wrong: Wrong,
    words: str,
) -> None:
    person("send_to_all")  # who is told where the author can't be
    offer("1")
    made = digest()
    wrong(network, made)
    assert issuing.issue_due(network) == 0
    assert words in said(network)
    with network.reading() as session:
        now = session.get_one(Digest, made.id)
        assert now.next_at is not None
        assert now.next_at > utcnow()
        keys = session.scalars(select(OutboxMail.key)).all()
    assert [key.partition(":")[0] for key in keys] == ["staff_message_held"]


def test_the_mail_that_leaves_lists_the_offers_on_the_terms_of_now(
    network: Desk, owner: Person, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest
) -> None:
    offer("3071", name="Solara <b>", payout=24)
    late = offer("3072", name="Taken meanwhile")
    digest()
    issuing.issue_due(network)
    with network.session() as session:  # between queueing and leaving
        session.add(Assignment(offer_id=late.id, affiliate_id=two[0].id, state="approved"))
    with sender(network):
        until(lambda: len(folder(network)) == 2)
    one, other = (mail.get_body(("html",)).get_content() for mail in folder(network))
    assert "Solara &lt;b&gt;" in one
    assert "pays $24.00" in one
    assert "Taken meanwhile" not in one
    assert "Taken meanwhile" in other
    assert "List-Unsubscribe" in folder(network)[0]
