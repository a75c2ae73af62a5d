"""Idempotency-Key: done once, answered alike; on both databases also when two ask in the same moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, update

from tests.api.conftest import ANA, Program, make_key
from tests.personas import make_user
from webapp.accounts.rights import ALL
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.api import jobs, kept, routes
from webapp.api.models import KeptAnswer
from webapp.app import create_app
from webapp.config import Config
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.wiring import open_desk

NAME = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


def test_the_same_request_is_done_once_and_answered_alike(tracker: Program) -> None:
    first, again = (tracker.post("/api/affiliates", ANA, NAME) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_name_is_refused(tracker: Program) -> None:
    tracker.post("/api/affiliates", ANA, NAME)
    answer = tracker.post("/api/affiliates", ANA | {"company": "Other"}, NAME)
    assert answer.status_code == 422
    assert answer.json["type"].endswith("idempotency-reused")


def test_a_refusal_is_an_answer_too_and_saves_nothing(tracker: Program, desk: Desk) -> None:
    wrong = {"affiliate_id": "1", "email": "no"}
    first, again = (tracker.post("/api/affiliates", wrong, "one") for _ in range(2))
    assert (first.status_code, again.status_code, first.data) == (422, 422, again.data)


def test_names_belong_to_one_key_and_one_address(tracker: Program, desk: Desk, app) -> None:  # type: ignore[no-untyped-def]
    other = Program(app, make_key(desk, make_user(desk, "b@desk.example.com", ALL))[1])
    tracker.post("/api/affiliates", ANA, "one")
    assert (
        other.post("/api/affiliates", {"affiliate_id": "1", "email": "b@x.example"}, "one").status_code == 201
    )
    assert tracker.post("/api/offers", {"cid": "1", "name": "One"}, "one").status_code == 201


@pytest.mark.parametrize("name", ["x" * 201, "a\tb", "ä"])
def test_a_name_that_is_none_is_refused(tracker: Program, name: str) -> None:
    assert tracker.post("/api/affiliates", ANA, name).status_code == 400


def test_after_a_fault_the_same_request_may_come_again(
    tracker: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.app.testing = tracker.app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as broken:
        broken.setattr(routes, "take", lambda *_: 1 / 0)
        assert tracker.post("/api/affiliates", ANA, NAME).status_code == 500
    assert tracker.post("/api/affiliates", ANA, NAME).status_code == 201


def test_a_try_that_was_taken_over_stores_nothing(
    tracker: Program, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LEASE", timedelta(0))
    with desk.session() as session:
        taken = kept.claim(desk, tracker.key_id, "POST /api/x one", b"body")
    assert isinstance(taken, kept.Claim)
    later = kept.claim(desk, tracker.key_id, "POST /api/x one", b"body")
    assert later == kept.Claim(taken.row, 2)
    with desk.session() as session:
        with pytest.raises(kept.Busy):
            kept.keep(session, taken, 201, "{}", "application/json")
        kept.keep(session, later, 201, "{}", "application/json")


def test_an_answer_is_forgotten_after_a_day(tracker: Program, desk: Desk) -> None:
    tracker.post("/api/affiliates", ANA, NAME)
    with desk.session() as session:
        session.execute(update(KeptAnswer).values(created_at=utcnow() - kept.KEPT - timedelta(seconds=1)))
    changed = tracker.post("/api/affiliates", ANA | {"company": "Other"}, NAME)
    assert changed.json["outcome"] == "changed"
    with desk.session() as session:
        session.execute(update(KeptAnswer).values(created_at=utcnow() - kept.KEPT - timedelta(seconds=1)))
    jobs.clear(desk)
    with desk.reading() as session:
        assert session.scalars(select(KeptAnswer)).all() == []


def test_an_answer_that_names_an_erased_person_is_emptied_and_nothing_done_again(
    tracker: Program, desk: Desk
) -> None:
    tracker.post("/api/affiliates", ANA, NAME)
    tracker.post("/api/affiliates", {"affiliate_id": "1", "email": "b@x.example"}, "other")
    with desk.session() as session:
        erasing.erase(
            session, "test", session.scalars(select(Affiliate).where(Affiliate.affiliate_id == "10021")).one()
        )
    again = tracker.post("/api/affiliates", ANA, NAME)
    assert again.status_code == 410
    assert "10021" not in again.text
    assert tracker.get("/api/affiliates/10021").status_code == 404
    assert (
        tracker.post("/api/affiliates", {"affiliate_id": "1", "email": "b@x.example"}, "other").status_code
        == 201
    )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """A program at an instance on each database."""
    environ = {"OFFERPOST_HOME": str(tmp_path / "either")}
    if request.param == "postgresql":
        environ["OFFERPOST_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    opened = open_desk(Config.from_environment(environ))
    number, secret = make_key(opened, make_user(opened, "mara@desk.example.com", ALL))
    app = create_app(opened)
    app.testing = True
    yield Program(app, secret, number)
    opened.close()


def test_of_two_in_the_same_moment_one_works_and_the_other_is_told_so(
    either: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()
    real = routes.take

    def slow(*arguments):  # type: ignore[no-untyped-def]
        begun.set()
        assert go_on.wait(20)
        return real(*arguments)

    monkeypatch.setattr(routes, "take", slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(either.post, "/api/affiliates", ANA, NAME)
        assert begun.wait(20)
        second = either.post("/api/affiliates", ANA, NAME)
        go_on.set()
        assert first.result(20).status_code == 201
    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    third = either.post("/api/affiliates", ANA, NAME)
    assert (third.status_code, third.headers["Idempotent-Replayed"]) == (201, "true")


def test_many_at_once_do_the_work_exactly_once(either: Program) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: either.post("/api/affiliates", ANA, NAME), range(6)))
    done = [each for each in answers if each.status_code == 201 and "Idempotent-Replayed" not in each.headers]
    assert len(done) == 1
    assert {each.status_code for each in answers} <= {201, 409}


def test_two_who_add_the_same_without_a_name_end_with_one(either: Program) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: either.post("/api/affiliates", [ANA]), range(4)))
    assert sorted(each.json["results"][0]["outcome"] for each in answers) == ["added", "same", "same", "same"]
    assert len(either.get("/api/affiliates").json["items"]) == 1
