"""One timeline for each affiliate: whole, in order, and only for who may see him."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from webapp.accounts.models import AuditEntry
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.applications.models import Application
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.feedback.preferences import Reader, choose
from webapp.mail import consents, suppressions
from webapp.mail.clicks import Click
from webapp.mail.events import MailEvent
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.offers.models import Assignment, Offer
from webapp.replies.models import Reply
from webapp.timeline import walking
from webapp.timeline.entries import KINDS
from webapp.timeline.models import Note

RIGHTS = ("view_affiliate_details", "edit_assigned", "import_and_export")


@pytest.fixture
def ann(person: MakePerson, network: Desk) -> Person:
    return person(*RIGHTS, email="ann@desk.example.com", first_name="Ann")


@pytest.fixture
def dana(affiliate: MakeAffiliate, ann: Person) -> Affiliate:
    assert ann.user is not None
    return affiliate("Brightpath", email="dana@brightpath.example.com", manager_id=ann.user.id)


@pytest.fixture
def story(network: Desk, dana: Affiliate) -> OutboxMail:
    """At least one entry of each kind."""
    with network.session() as session:
        mail = enqueue_one(
            session,
            network.vault,
            key="m:1",
            content={"subject": "News of November"},
            address=dana.address,
            recipient_id=dana.id,
        )
        mail.created_at = utcnow() - timedelta(hours=1)
        for kind in ("bounced", "complained", "delivered", "auto_replied"):
            session.add(MailEvent(key=kind, mail_id=mail.id, kind=kind, words="=1+1", verified=True))
        session.add(Click(key="a", mail_id=mail.id, link=0, at=utcnow()))
        session.add(Click(key="b", mail_id=mail.id, link=0, machine="too_fast", at=utcnow()))
        session.add(
            Reply(returned_id=1, affiliate_id=dana.id, sender=dana.address, subject="Re", text="Sure")
        )
        choose(session, Reader(dana.address, dana.id, consents.OWN_PAGE), ("offers",))
        suppressions.add(session, dana.address, note="Asked on the phone")
        applied = {"first_name": "Dana", "last_name": "Reyes", "email": dana.email, "address": dana.address}
        session.add(Application(**applied, state="approved", affiliate_id=dana.id, decided_at=utcnow()))
        offer = Offer(cid="3071", name="Solar Kit")
        session.add(offer)
        session.flush()
        session.add(Assignment(offer_id=offer.id, affiliate_id=dana.id, state="approved"))
        session.add_all(Note(affiliate_id=dana.id, text=text) for text in ("Prefers the phone", "=1+1"))
    return mail


def test_every_kind_stands_on_the_timeline(story: OutboxMail, dana: Affiliate, network: Desk) -> None:
    with network.reading() as session:
        entries = walking.stretch(session, dana).entries
        assert {one.kind for one in entries} == set(KINDS)
        assert [one.at for one in entries] == sorted((one.at for one in entries), reverse=True)
        assert entries[-1].title == "News of November"


def test_one_kind_is_shown_alone(story: OutboxMail, dana: Affiliate, network: Desk) -> None:
    with network.reading() as session:
        for kind in KINDS:
            assert {one.kind for one in walking.stretch(session, dana, kind=kind).entries} == {kind}


def test_pages_hold_everything_once_also_of_one_moment(
    dana: Affiliate, story: OutboxMail, network: Desk
) -> None:
    at = utcnow()
    with network.session() as session:
        session.add_all(Note(affiliate_id=dana.id, text=str(number), at=at) for number in range(9))
        session.add_all(Click(key=f"c{number}", mail_id=story.id, link=0, at=at) for number in range(9))
    with network.reading() as session:
        all_at_once = [
            (one.kind, one.source.id) for one in walking.stretch(session, dana).entries if one.at == at
        ]
        assert len(all_at_once) == 18
        walked, before = [], None
        while part := walking.stretch(session, dana, before=before, size=4):
            walked += [(one.kind, one.source.id) for one in part.entries if one.at == at]
            if not (before := walking.place_in(part.older)):
                break
        assert walked == all_at_once


def test_a_page_far_back_costs_no_more_queries(dana: Affiliate, story: OutboxMail, network: Desk) -> None:
    counts = []
    with network.reading() as session:
        session.connection()
        for before in (None, walking.place_in("1-0-1")):
            asked: list[str] = []
            listener = lambda *args, asked=asked: asked.append(args[2])  # noqa: E731
            event.listen(network.engine, "before_cursor_execute", listener)
            walking.stretch(session, dana, before=before)
            event.remove(network.engine, "before_cursor_execute", listener)
            counts.append(len(asked))
    assert counts == [len(walking.SOURCES)] * 2


@pytest.mark.parametrize(
    "text", ["", "x", "1-2", "9999999999999999999999-1-1", "1-1-99999999999999999999", "-1-1-1"]
)
def test_a_nonsense_place_is_the_newest(text: str) -> None:
    assert walking.place_in(text) is None


def test_the_page_searches_and_the_export_is_harmless(
    dana: Affiliate, story: OutboxMail, ann: Person
) -> None:
    path = f"/affiliates/{dana.id}/timeline"
    assert "Prefers the phone" in words(ann.get(f"{path}?q=PHONE"))
    assert "Nothing matches" in words(ann.get(f"{path}?q=nothing+like+it"))
    table = ann.get(f"{path}.csv?kind=bounce").text
    assert "Bounced: News of November" in table
    assert '"\'=1+1"' in ann.get(f"{path}.csv?kind=note").text


def test_notes_are_added_changed_by_their_author_and_written_down(
    dana: Affiliate, ann: Person, owner: Person, network: Desk
) -> None:
    path = f"/affiliates/{dana.id}"
    ann.post(f"{path}/notes", {"text": "Likes <b>tea</b>"})
    assert "Likes <b>tea</b>" in words(ann.get(f"{path}/timeline"))
    assert owner.post(f"{path}/notes/1", {"text": "Hates tea"}).status_code == 404
    ann.post(f"{path}/notes/1", {"text": "Likes coffee"})
    with network.reading() as session:
        assert session.scalars(select(Note.text)).all() == ["Likes coffee"]
    owner.post(f"{path}/notes/1/delete")
    with network.reading() as session:
        assert session.scalars(select(Note)).all() == []
        deeds = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("note"))).all()
    assert deeds == ["note added", "note changed", "note deleted"]


def test_an_empty_or_endless_note_is_refused(dana: Affiliate, ann: Person) -> None:
    path = f"/affiliates/{dana.id}/notes"
    assert "an empty note says nothing" in words(ann.post(path, {"text": " "}))
    assert "Shorten it" in words(ann.post(path, {"text": "x" * 5_001}))


def test_a_timeline_is_for_who_may_see_the_affiliate_and_his_address(
    dana: Affiliate, story: OutboxMail, person: MakePerson
) -> None:
    other = person(*RIGHTS, email="bob@desk.example.com")
    blind = person("view_all_affiliates", "import_and_export", email="eve@desk.example.com")
    assert other.get(f"/affiliates/{dana.id}/timeline").status_code == 404
    assert other.post(f"/affiliates/{dana.id}/notes", {"text": "x"}).status_code == 404
    assert blind.get(f"/affiliates/{dana.id}/timeline").status_code == 403
    assert blind.get(f"/affiliates/{dana.id}/timeline.csv").status_code == 403


def test_notes_go_with_the_affiliate(dana: Affiliate, story: OutboxMail, network: Desk) -> None:
    with network.session() as session:
        erasing.erase(session, "command line", session.get_one(Affiliate, dana.id))
    with network.reading() as session:
        assert session.scalars(select(Note)).all() == []
