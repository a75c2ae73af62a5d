"""Work beside the pages: queued, run elsewhere, repeated, stopped."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from webapp.errors import Invalid
from webapp.jobs import Jobs, stores


def eventually(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def test_a_job_is_done_by_whoever_opens_the_queue(make: Callable[[], Jobs]) -> None:
    web, worker, seen = make(), make(), []
    web.task("greet")(lambda **plain: None)
    worker.task("greet")(lambda name, times: seen.append((name, times)))
    web.enqueue("greet", name="Zoë", times=[1, None])
    assert worker.run_pending() == 1
    assert seen == [("Zoë", [1, None])]
    assert worker.run_pending() == 0


def test_only_plain_data_goes_along(make: Callable[[], Jobs]) -> None:
    jobs = make()
    jobs.task("greet")(lambda **plain: None)
    with pytest.raises(TypeError):
        jobs.enqueue("greet", name=object())


def test_the_queue_holds_json_and_no_pickle(tmp_path: Path) -> None:
    jobs = Jobs(f"sqlite:///{tmp_path / 'jobs.db'}")
    jobs.task("greet")(lambda **plain: None)
    jobs.enqueue("greet", name="Zoë")
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        (kept,) = database.execute("SELECT data FROM task").fetchone()
    database.close()
    jobs.stop()
    assert json.loads(kept)[2] == ["greet", {"name": "Zoë"}]


def test_an_unknown_job_can_not_be_queued(make: Callable[[], Jobs]) -> None:
    with pytest.raises(ValueError, match="nobody"):
        make().enqueue("nobody")


def test_a_job_of_another_version_is_dropped(make: Callable[[], Jobs]) -> None:
    newer, older = make(), make()
    newer.task("brand-new")(lambda: None)
    newer.enqueue("brand-new")
    assert older.run_pending() == 1


def test_immediate_jobs_run_in_the_caller() -> None:
    jobs, seen = Jobs("sqlite:///nowhere.db", immediate=True), list[str]()
    jobs.task("note")(lambda text: seen.append(text))
    jobs.enqueue("note", text="now")
    assert seen == ["now"]


def test_the_consumer_does_what_is_queued_while_it_runs(make: Callable[[], Jobs]) -> None:
    jobs, seen = make(), []
    jobs.task("note")(lambda text: seen.append(text))
    jobs.enqueue("note", text="before")
    jobs.start_consumer()
    eventually(lambda: seen == ["before"])
    jobs.enqueue("note", text="after")
    eventually(lambda: seen == ["before", "after"])


def test_a_job_that_fails_takes_no_other_with_it(
    make: Callable[[], Jobs], caplog: pytest.LogCaptureFixture
) -> None:
    jobs, seen = make(), []

    def fail() -> None:
        raise RuntimeError("on purpose")

    jobs.task("fail")(fail)
    jobs.task("note")(lambda text: seen.append(text))
    jobs.enqueue("fail")
    jobs.enqueue("note", text="after")
    jobs.start_consumer()
    eventually(lambda: seen == ["after"])
    assert "on purpose" in caplog.text


def test_stopping_asks_a_long_job_to_leave_off(make: Callable[[], Jobs]) -> None:
    jobs, began, left = make(), threading.Event(), threading.Event()

    def long() -> None:
        began.set()
        jobs.stopping.wait(10)
        left.set()

    jobs.task("long")(long)
    jobs.enqueue("long")
    jobs.start_consumer()
    assert began.wait(10)
    started = time.monotonic()
    jobs.stop()
    assert left.is_set()
    assert time.monotonic() - started < 5


def test_a_periodic_job_comes_by_itself(make: Callable[[], Jobs]) -> None:
    jobs, ticks = make(), []
    jobs.task("sweep")(lambda: ticks.append(1))
    jobs.periodic("sweep", 1)
    jobs.start_consumer()
    eventually(lambda: ticks)


def test_of_several_consumers_one_runs_a_periodic_job(make: Callable[[], Jobs]) -> None:
    several, ticks, end = [make() for _ in range(3)], list[str](), list[str]()
    for jobs in several:
        jobs.task("sweep")(lambda: ticks.append("tick"))
        jobs.task("end")(lambda: end.append("end"))
        jobs.periodic("sweep", 1)
        jobs.start_consumer()
    eventually(lambda: ticks)
    several[0].enqueue("end")  # jobs are worked off in their order
    eventually(lambda: end)
    assert len(ticks) == 1


def test_a_tick_comes_again_at_its_next_time_and_leaves_nothing_behind(make: Callable[[], Jobs]) -> None:
    first, second = make()._queue, make()._queue
    noon = datetime(2026, 3, 1, 12, 0)
    times = [noon + timedelta(minutes=5 * step) for step in range(6)]
    assert [queue._first("sweep", at, 5) for at in times for queue in (first, second)] == [True, False] * 6
    assert first._huey.storage.result_store_size() == 2


def test_a_period_that_no_clock_shows_is_refused(make: Callable[[], Jobs]) -> None:
    jobs = make()
    jobs.task("sweep")(lambda: None)
    with pytest.raises(ValueError):
        jobs.periodic("sweep", 90)


@pytest.mark.parametrize("address", ["mysql://localhost/jobs", "sqlite://", "nonsense://user:secret@host"])
def test_another_kind_of_store_is_refused_with_a_remedy(address: str) -> None:
    jobs = Jobs(address)
    jobs.task("note")(lambda: None)
    with pytest.raises(Invalid, match="sqlite:///") as refused:
        jobs.enqueue("note")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "extra"), [("redis://localhost", "redis"), ("postgresql://h/d", "postgres")]
)
def test_a_store_whose_package_is_missing_is_refused_with_the_extra(
    address: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "find_spec", lambda name: None)
    with pytest.raises(Invalid, match=rf"offerpost\[{extra}\]"):
        stores.chosen(address)


@pytest.mark.parametrize(
    "address", ["valkey://127.0.0.1:9", "postgresql://nobody@127.0.0.1:9/jobs?connect_timeout=2"]
)
def test_a_store_that_does_not_answer_stops_neither_page_nor_worker(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(address)
    jobs.task("note")(lambda: None)
    jobs.enqueue("note")
    jobs.start_consumer()
    jobs.stop()
    assert "note could not be queued" in caplog.text


def test_loading_the_port_does_not_load_the_engine() -> None:
    words = "import sys, webapp.jobs; sys.exit('huey' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
