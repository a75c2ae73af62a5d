"""One piece of work that fails stops none of the others, is shown and told, and is tried again after a growing pause."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.announcing.conftest import Mails
from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.offers.conftest import Market
from webapp.announcing import jobs
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.offers.models import Assignment, Offer
from webapp.setbacks.models import Setback
from webapp.setbacks.work import PAGE, TOLD_AT, Pieces
from webapp.settings import store

POISON = "no time at all"


def standing(desk: Desk) -> list[Setback]:
    with desk.reading() as session:
        return list(session.scalars(select(Setback).order_by(Setback.job, Setback.item)))


def later(desk: Desk) -> None:
    """When the pause of everything is over."""
    with desk.session() as session:
        session.execute(update(Setback).values(next_at=utcnow() - timedelta(seconds=1)))


def poison(desk: Desk, table: str, key: int) -> None:
    """A row that none of our code has written, and none can read."""
    statement = f"UPDATE {table} SET changed_at = '{POISON}' WHERE id = {key}"
    with desk.session() as session:
        session.execute(text(statement))


def test_a_poisoned_offer_keeps_no_other_from_being_told(network: Desk, market: Market, mails: Mails) -> None:
    with network.session() as session:
        travel = session.get_one(Offer, market.travel.id)
        session.add(Assignment(offer_id=travel.id, affiliate_id=market.plain.id, state="approved"))
        for offer in session.scalars(select(Offer)):
            offer.end_date = utcnow().date() + timedelta(days=2)
    poison(network, "offers", market.solar.id)
    jobs.ending(network)
    assert [mail.recipient_id for mail in mails("offer_ending")] == [market.plain.id]
    [failed] = standing(network)
    assert (failed.job, failed.item, failed.failures) == ("announcing.ending", "offer 3071", 1)
    assert POISON not in failed.words


def test_a_poisoned_affiliate_keeps_no_other_from_being_reminded(
    network: Desk, affiliate: MakeAffiliate, mails: Mails
) -> None:
    then = utcnow() - timedelta(days=30)
    first, bad, last = (affiliate(name, created_at=then) for name in ("First", "Bad", "Last"))
    with network.session() as session:
        store.put(session, {"tax_reminder_days": "30"})
    poison(network, "affiliates", bad.id)
    jobs.tax(network)
    assert {mail.recipient_id for mail in mails("tax_document_reminder")} == {first.id, last.id}
    assert [one.item for one in standing(network)] == [f"affiliate #{bad.id}"]


class Flaky:
    """A piece of work that counts its tries, and fails while it is told to."""

    def __init__(self) -> None:
        self.tries, self.broken = 0, True

    def __call__(self, session: Session) -> str:
        self.tries += 1
        store.put(session, {"network_name": f"half done {self.tries}"})
        if self.broken:
            raise RuntimeError("secret words of a row")
        return "done"


def run(desk: Desk, work: Flaky) -> str | None:
    return Pieces(desk, "guards.look").do("piece 1", work)


def test_what_failed_is_undone_and_waits_for_twice_as_long_each_time(network: Desk) -> None:
    work, pauses = Flaky(), []
    for _ in range(3):
        assert run(network, work) is None
        assert run(network, work) is None  # its pause is not over
        [failed] = standing(network)
        pauses.append(round((failed.next_at - failed.tried_at).total_seconds()))
        later(network)
    assert (work.tries, pauses) == (3, [60, 120, 240])
    with network.reading() as session:
        assert "half done" not in store.identity(session).network_name


def test_what_goes_well_again_is_forgotten(network: Desk) -> None:
    work = Flaky()
    run(network, work)
    later(network)
    work.broken = False
    assert run(network, work) == "done"
    assert standing(network) == []


def test_the_team_hears_once_of_what_fails_three_times_in_a_row(
    network: Desk, owner: Person, mails: Mails
) -> None:
    work = Flaky()
    for tries in range(1, TOLD_AT + 3):
        run(network, work)
        later(network)
        assert len(mails("staff_work_failed")) == (tries >= TOLD_AT)
    assert mails("staff_work_failed")[0].address == "mara@desk.example.com"
    assert "1 piece of background work fails" in words(owner.get("/"))


def test_a_whole_job_that_fails_is_shown_until_it_goes_well(network: Desk) -> None:
    work = Flaky()
    network.jobs.task("guards.look")(lambda: network_work(network, work))
    with pytest.raises(RuntimeError):
        network.jobs.run("guards.look", {})
    assert [(one.job, one.item) for one in standing(network)] == [("guards.look", "")]
    work.broken = False
    network.jobs.run("guards.look", {})
    assert standing(network) == []


def network_work(desk: Desk, work: Flaky) -> None:
    with desk.session() as session:
        work(session)


def test_the_page_says_what_fails_and_lets_it_be_tried_at_once(
    network: Desk, owner: Person, colleague: Person
) -> None:
    assert "Nothing fails" in words(owner.get(PAGE))
    work = Flaky()
    run(network, work)
    page = words(owner.get(PAGE))
    assert "Watching bounces and complaints piece 1 A fault of ours: RuntimeError." in page
    assert "secret words" not in page
    assert "Nothing matches" in words(owner.get(f"{PAGE}?q=nonsense"))
    assert "piece 1" in words(owner.get(f"{PAGE}?q=bounces&sort=most"))
    fields = {"job": "guards.look", "item": "piece 1"}
    assert colleague.post(f"{PAGE}/try", fields).status_code == 403
    assert "tried again" in words(owner.post(f"{PAGE}/try", fields, follow=True))
    run(network, work)
    assert work.tries == 2
    assert "went well meanwhile" in words(owner.post(f"{PAGE}/try", {"job": "x", "item": "y"}, follow=True))
