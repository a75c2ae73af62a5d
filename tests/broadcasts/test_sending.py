"""The last look and the start: who gets it, who not and why, and that it is started once."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage
from webapp.accounts.models import User
from webapp.broadcasts import reach, starting
from webapp.broadcasts.content import scopes_of
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import Reach, needed
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid
from webapp.mail import suppressions
from webapp.mail.models import Mailing, OutboxMail
from webapp.settings import store
from webapp.settings.models import MailServer


def approved(page_text: str) -> str:
    return page_text.partition('name="approved" value="')[2].partition('"')[0]


def press_send(person: Person, broadcast: Broadcast, **fields: str):  # type: ignore[no-untyped-def]
    page = person.get(f"/messages/{broadcast.id}/review?missing={fields.get('missing', 'skip')}")
    fields = {"approved": approved(page.text), "missing": "skip", **fields}
    return person.post(f"/messages/{broadcast.id}/send", fields)


def rows(desk: Desk) -> dict[str, tuple[str, str]]:
    """State and reason of each mail of a message; not those that only tell the team of it."""
    with desk.reading() as session:
        of_messages = session.query(OutboxMail).where(OutboxMail.mailing_id.is_not(None))
        return {mail.address: (mail.state, mail.reason) for mail in of_messages}


def test_the_review_counts_whom_it_reaches_and_who_is_left_out(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("Adtrail", email="one@a.example.com")
    affiliate("Twin", email="ONE@a.example.com")
    affiliate("Left", email="left@b.example.com")
    affiliate("", email="nameless@c.example.com")
    with network.session() as session:
        suppressions.add(session, "left@b.example.com", scope="announcement", reason="unsubscribed")
    said = words(owner.get(f"/messages/{message().id}/review"))
    assert "Send to 1 affiliate?" in said
    assert "1 suppressed" in said
    assert "1 affiliate shares an address with another" in said
    assert "1 affiliate lacks a value that the text uses" in said
    assert "[=Affiliate.CompanyName=]" in said


def test_everybody_is_listed_by_name_with_the_reason_why_somebody_is_left_out(
    network: Desk, owner: Person, writer: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("Adtrail", email="one@a.example.com")
    affiliate("Twin", email="ONE@a.example.com")
    affiliate("Left", email="left@b.example.com")
    affiliate("", email="nameless@c.example.com")
    with network.session() as session:
        suppressions.add(session, "left@b.example.com", scope="announcement", reason="unsubscribed")
    at = f"/messages/{message().id}/recipients"
    said = words(owner.get(at))
    assert "1 to 4 of 4" in said
    for why in (
        "gets it",
        "Another affiliate with this address",
        "Bounced, complained or left",
        "value that the text uses",
    ):
        assert why in said
    assert "1 to 1 of 1" in words(owner.get(f"{at}?show=gets"))
    assert "Adtrail" not in words(owner.get(f"{at}?show=left_out"))
    assert "1 to 1 of 1" in words(owner.get(f"{at}?q=left"))
    assert "1 to 2 of 2" in words(owner.get(f"{at}?show=left_out&missing=send"))
    assert "Nobody matches" in words(owner.get(f"{at}?q=%25"))
    assert writer.get(at).status_code == 404


def test_those_who_left_the_news_still_get_operational_mail(network: Desk, affiliate: MakeAffiliate) -> None:
    affiliate(email="left@b.example.com")
    with network.session() as session:
        suppressions.add(session, "left@b.example.com", scope="announcement", reason="unsubscribed")
        assert reach.reach(session, "all", None, scopes_of("announcement", ""), {}) == Reach(1, 1, 0, 0)
        assert reach.reach(session, "all", None, scopes_of("operational", ""), {}) == Reach(1, 0, 0, 0)


def test_a_token_with_a_default_needs_no_value(session: Session) -> None:
    found = needed(session, "[=Affiliate.FirstName|there=]", "[=affiliate.companyname=] [=Network.Name=]")
    assert list(found) == ["affiliate.companyname"]


def test_a_value_is_missing_only_for_those_who_see_the_block_that_asks_for_it(
    network: Desk, affiliate: MakeAffiliate
) -> None:
    people = [affiliate(company, email=f"{n}@a.example.com").id for n, company in enumerate(("", "Adtrail"))]
    with network.session() as session:
        for text, lacking in (
            ("[=if Affiliate.CompanyName=][=Affiliate.CompanyName=][=end=]", []),
            ("[=if Affiliate.CompanyName=][=Affiliate.AltID=][=end=]", [people[1]]),
            ("[=if Affiliate.CompanyName=]x[=else=][=Affiliate.AltID=][=end=]", [people[0]]),
            ('[=if Affiliate.CompanyName = "ADTRAIL"=][=Affiliate.AltID=][=end=]', [people[1]]),
            ('[=if not Affiliate.CompanyName = "x"=][=Affiliate.AltID=][=end=]', people),
            ("[=if Today=][=Affiliate.AltID=][=end=]", people),
        ):
            keys = needed(session, text)
            assert reach.lacking(session, "all", None, scopes_of("operational", ""), keys) == lacking, text


def test_everybody_has_a_row_that_says_what_becomes_of_the_mail(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("Adtrail", email="one@a.example.com")
    affiliate("", email="nameless@c.example.com")
    answer = press_send(owner, message())
    assert answer.status_code == 302
    assert rows(network) == {
        "one@a.example.com": ("queued", ""),
        "nameless@c.example.com": ("suppressed", "missing_value"),
    }
    with network.reading() as session:
        mailing = session.query(Mailing).one()
        assert (mailing.queued, mailing.suppressed, mailing.total) == (1, 1, 2)


def test_a_gap_may_be_sent_on_purpose(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("", email="nameless@c.example.com")
    draft = message()
    assert "Send to 1 affiliate?" in words(owner.get(f"/messages/{draft.id}/review?missing=send"))
    press_send(owner, draft, missing="send")
    assert rows(network) == {"nameless@c.example.com": ("queued", "")}


def test_pressing_twice_is_one_mailing(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message()
    fields = {"approved": approved(owner.get(f"/messages/{draft.id}/review").text), "missing": "skip"}
    first = owner.post(f"/messages/{draft.id}/send", fields)
    second = owner.post(f"/messages/{draft.id}/send", fields)
    assert first.location == second.location == f"/messages/{draft.id}"
    with network.reading() as session:
        assert session.query(Mailing).count() == 1
        assert session.query(OutboxMail).count() == 1


def test_a_message_that_changed_after_the_review_is_not_sent(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message()
    before = approved(owner.get(f"/messages/{draft.id}/review").text)
    with network.session() as session:
        session.get_one(Broadcast, draft.id).subject = "Another subject"
    page = owner.post(f"/messages/{draft.id}/send", {"approved": before, "missing": "skip"})
    assert "was changed after you looked at it" in words(page)
    assert not rows(network)


def test_more_than_fifty_are_confirmed_by_typing_the_number(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    for _ in range(51):
        affiliate()
    draft = message()
    assert "Type 51" in words(press_send(owner, draft, number="50"))
    assert not rows(network)
    assert press_send(owner, draft, number="51").status_code == 302
    assert len(rows(network)) == 51


def test_the_text_is_frozen_when_it_starts(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message()
    press_send(owner, draft)
    owner.post(f"/messages/{draft.id}/edit", {"audience": "all", "sender": "", "kind": "announcement"})
    with network.reading() as session:
        assert session.query(Mailing).one().content.draft["subject"] == "Solara pays more"
        assert session.get_one(Broadcast, draft.id).subject == "Solara pays more"


def test_my_affiliates_are_those_of_the_author(
    network: Desk, writer: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    assert writer.user is not None
    affiliate("Mine", email="mine@a.example.com", manager_id=writer.user.id)
    affiliate("Theirs", email="theirs@b.example.com")
    press_send(writer, message(user=writer.user, audience="my"))
    assert list(rows(network)) == ["mine@a.example.com"]


def test_nobody_sends_further_than_his_right_reaches(
    network: Desk, writer: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message(user=writer.user, audience="my")
    with network.session() as session:
        session.get_one(Broadcast, draft.id).audience = "all"
    writer.post(f"/messages/{draft.id}/send", {"approved": "x", "missing": "skip"})
    assert not rows(network)


def test_a_message_of_a_disabled_author_is_not_started(
    network: Desk, owner: Person, writer: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    assert writer.user is not None
    affiliate(manager_id=writer.user.id)
    draft = message(user=writer.user, audience="my")
    with network.session() as session:
        session.get_one(User, writer.user.id).disabled_at = utcnow()
    assert "was disabled" in words(press_send(owner, draft))
    assert not rows(network)


def test_a_message_that_reaches_nobody_is_refused(network: Desk, message: MakeMessage) -> None:
    draft = message()
    with pytest.raises(Invalid, match="Nobody would get"), network.session() as session:
        starting.start(session, network.config, None, draft.id)
    assert not rows(network)


def test_without_a_mail_server_nothing_is_started(
    network: Desk, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message()
    with network.session() as session:
        session.query(MailServer).delete()
    with pytest.raises(Conflict, match="no mail server"), network.session() as session:
        starting.start(session, network.config, None, draft.id)


def test_the_review_warns_of_a_missing_postal_address_and_of_plain_http(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    with network.session() as session:
        store.put(session, {"postal_address": "", "public_url": "http://desk.example.com"})
    said = words(owner.get(f"/messages/{message().id}/review"))
    assert "There is no postal address" in said
    assert "The public address is not https" in said
    assert "Send to 1 affiliate?" in said


def test_the_review_stops_a_message_without_a_from_address(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    with network.session() as session:
        store.put(session, {"from_address": ""})
    page = owner.get(f"/messages/{message().id}/review")
    assert "stops it" in words(page)
    assert "/send" not in page.text


def test_the_review_says_how_long_it_takes(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    for _ in range(20):
        affiliate()
    with network.session() as session:
        session.query(MailServer).one().max_per_minute = 2
    assert "About 10 minutes" in words(owner.get(f"/messages/{message().id}/review"))


def test_a_colleague_with_the_same_domain_writes_from_his_own_address(
    network: Desk,
    owner: Person,
    affiliate: MakeAffiliate,
    message: MakeMessage,
    person: Callable[..., Person],
) -> None:
    affiliate()
    near = person(email="tom@mail.northlight.example.com", first_name="Tom")
    far = person(email="ann@elsewhere.example.com", first_name="Ann")
    for sender, seen in ((near, "Tom tom@mail.northlight"), (far, "Ann, Northlight Partners partners@mail")):
        assert sender.user is not None
        draft = message(user=owner.user, sender_id=sender.user.id)
        assert seen in words(owner.get(f"/messages/{draft.id}/edit"))
