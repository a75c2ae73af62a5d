"""What ended a session: somebody's fault, or nobody's."""

import threading

import pytest

from transports.errors import TemporaryError
from transports.smtp.line import Line
from transports.smtp.openings import Openings
from webapp.mail.sender.trouble import FAULT, LATER, trouble_of


def _no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_a_machine_without_memory_or_threads_stops_no_mail_server(error: Exception) -> None:
    assert trouble_of(error, 1, "smtp", [5]).what == LATER


def test_a_plugin_that_raises_what_it_may_not_stops_it() -> None:
    assert trouble_of(RuntimeError("oops"), 1, "mine", [5]).what == FAULT


def test_without_a_thread_there_is_no_further_connection_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_line() -> Line:
        raise AssertionError("it never starts")

    openings = Openings(open_line)
    monkeypatch.setattr(threading.Thread, "start", _no_thread)
    openings.start()
    (found,) = openings.collect()
    assert isinstance(found, TemporaryError)
    assert openings.pending == 0
    openings.close()
