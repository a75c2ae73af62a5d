"""What a monitor is told, and what stands in the log."""

import json
import logging
from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.browser import Person
from tests.keeping.conftest import Offerpost
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import until
from transports.testing.smtp_server import SmtpServer
from webapp import logs
from webapp.config import Config
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail import heartbeat


def test_all_is_well_while_a_sender_is_heard_of(desk: Desk, stranger: Person) -> None:
    silent = stranger.get("/health")
    assert (silent.status_code, silent.json) == (
        503,
        {"status": "trouble", "database": "ok", "sender": "silent"},
    )
    with desk.session() as session:
        heartbeat.begin(session, "here", "boot")
    well = stranger.get("/health")
    assert (well.status_code, well.json) == (200, {"status": "ok", "database": "ok", "sender": "ok"})


def test_a_restored_database_is_trouble(desk: Desk, stranger: Person, offerpost: Offerpost) -> None:
    offerpost("restore", "--mark")
    answer = stranger.get("/health")
    assert (answer.status_code, answer.json["sender"]) == (503, "held")  # type: ignore[index]


def test_a_database_that_does_not_answer_is_trouble(desk: Desk, stranger: Person) -> None:
    with desk.engine.begin() as connection:
        for table in ("sender_processes", "settings", "restorations"):
            connection.execute(text(f"DROP TABLE {table}"))
    answer = stranger.get("/health")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "trouble", "database": "unreachable", "sender": "unknown"},
    )


def test_the_log_of_a_worker_and_its_children_is_json_without_addresses(
    environ: dict[str, str], smtp: SmtpServer, mailing_to: Callable[..., object], worker: StartWorker
) -> None:
    environ["OFFERPOST_LOG"] = "json"
    mailing_to(["secret@private.example"])
    running = worker()
    until(lambda: smtp.inbox)
    running.kill_a_child()
    until(running.children)
    running.stop()
    lines = [json.loads(line) for line in running.said.splitlines()]
    assert {"at", "level", "logger", "message", "process"} <= lines[0].keys()
    assert "private.example" not in running.said


@pytest.mark.parametrize("style", [logs.TEXT, logs.JSON])
def test_an_address_in_the_words_of_a_server_or_a_fault_is_left_out(
    style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.install(style)
    try:
        raise ValueError("<ana@private.example> is unknown")
    except ValueError:
        logging.getLogger("offerpost.test").exception("550 5.1.1 <Ana.B+x@private.example>: unknown")
    finally:
        logging.basicConfig(handlers=before, level=level, force=True)
    said = capsys.readouterr().err
    assert "550 5.1.1 <[address]>: unknown" in said
    assert "private.example" not in said


def test_another_style_of_log_is_refused() -> None:
    with pytest.raises(Invalid, match="Use text or json"):
        Config.from_environment({"OFFERPOST_LOG": "xml"})
