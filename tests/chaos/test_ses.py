"""F25: an HTTP service whose answers are lost, that throttles, refuses, or knows our key no more."""

from collections.abc import Callable, Iterator

import pytest

from tests.chaos.conftest import Begin
from tests.chaos.harness import Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long
from tests.chaos.senders import until
from tests.chaos.witness import Taken, Witness, message_id_of
from tests.transports.ses.service import KEY_ID, REGION, SECRET, FakeSes, error
from transports.testing.listener import Cut
from transports.testing.web_server import WebAnswer

pytest.importorskip("botocore")


@pytest.fixture
def ses() -> Iterator[FakeSes]:
    with FakeSes() as service:
        yield service


@pytest.fixture
def through_ses(begin: Begin, witness: Witness, ses: FakeSes) -> Trial:
    trial = begin(witness, OFFERPOST_ALLOW_HOSTS=f"127.0.0.1:{ses.port}")
    trial.use("ses", 2, region=REGION, access_key_id=KEY_ID, secret=SECRET, endpoint=ses.url)
    trial.taken = _record(ses)
    return trial


def test_f25_an_answer_lost_on_the_way_is_unknown_and_not_repeated(through_ses: Trial, ses: FakeSes) -> None:
    """The service takes a mail and the connection is torn down instead of the 200."""
    ses.next = [WebAnswer(200, {"MessageId": "0107-first"}), Cut(reset=True)]
    through_ses.mail(12)
    through_ses.work()
    through_ses.settle()
    tally = assert_invariants(through_ses, unknown=1)
    assert (tally["unknown"], tally["delivered"]) == (1, 12)


@only_long
@pytest.mark.parametrize(("status", "kind"), ((429, "TooManyRequestsException"), (503, "ServiceUnavailable")))
def test_f25_throttled_mails_wait_and_are_not_counted(
    through_ses: Trial, ses: FakeSes, status: int, kind: str
) -> None:
    """Two requests are throttled, or the service is unavailable; a while later all is well."""
    ses.after_effect = False
    ses.next = [error(status, kind), error(status, kind)]
    through_ses.mail(10)
    through_ses.work()

    def over() -> bool:
        if through_ses.count("deferred"):
            through_ses.let_time_pass()
        return through_ses.count("sent") == 10

    until(over, 150)
    assert assert_invariants(through_ses, unknown=0)["failed"] == 0


@only_long
def test_f25_one_refused_message_fails_alone(through_ses: Trial, ses: FakeSes) -> None:
    """MessageRejected for one recipient."""
    ses.refused["p3@x.example"] = error(400, "MessageRejected", "Address on the suppression list")
    through_ses.mail(8)
    through_ses.work()
    until(lambda: through_ses.count("sent") + through_ses.count("failed") == 8 or through_ses.paused())
    tally = assert_invariants(through_ses, unknown=0)
    assert (tally["sent"], tally["failed"]) == (7, 1)


@only_long
def test_f25_a_key_that_is_no_longer_known_pauses_and_loses_nothing(through_ses: Trial, ses: FakeSes) -> None:
    """The key was revoked; later it is valid again and a person resumes the server."""
    right, ses.secret = ses.secret, "another"
    through_ses.mail(8)
    through_ses.work()
    until(through_ses.paused)
    until(lambda: set(through_ses.states()) <= {"queued", "deferred"})
    through_ses.let_time_pass()
    ses.secret = right
    execute(
        through_ses, "UPDATE mail_servers SET paused_at = NULL, paused_reason = '', revision = revision + 1"
    )
    through_ses.settle()
    assert assert_invariants(through_ses, unknown=0)["sent"] == 8


def _record(ses: FakeSes) -> Callable[[], list[Taken]]:
    def taken() -> list[Taken]:
        return [Taken(message_id_of(content), recipient) for _, recipient, content in list(ses.inbox)]

    return taken
