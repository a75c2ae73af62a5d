"""`offerpost broadcast`: the shapes that scripts rely on."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.broadcasts.sending import folder, sender
from tests.network import HTML, MakeAffiliate
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail
from webapp.settings import store

COUNTS = ("queued", "sending", "sent", "deferred", "failed", "unknown", "suppressed", "cancelled")
Offerpost = Callable[..., Result]


@pytest.fixture
def offerpost(network: Desk, monkeypatch: pytest.MonkeyPatch) -> Offerpost:
    """Runs a command on the instance of this test."""
    monkeypatch.setenv("OFFERPOST_HOME", str(network.config.home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["broadcast", *arguments])

    return run


@pytest.fixture
def html(tmp_path: Path) -> str:
    file = tmp_path / "message.html"
    file.write_text(HTML, "utf-8")
    return str(file)


def created(offerpost: Offerpost, html: str, *more: str) -> str:
    answer = offerpost("create", "--name", "Rise", "--subject", "More", "--html", html, "--json", *more)
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert list(found) == ["id"]
    return str(found["id"])


def test_status_of_a_draft_has_the_documented_shape(offerpost: Offerpost, html: str) -> None:
    number = created(offerpost, html)
    found = json.loads(offerpost("status", number, "--json").stdout)
    assert found == {
        "id": int(number),
        "name": "Rise",
        "state": "draft",
        "counts": dict.fromkeys(COUNTS, 0),
        "total": 0,
    }


def test_an_unknown_token_is_refused_on_stderr_with_status_1(offerpost: Offerpost, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text("<p>\n[=Affiliate.FistName=]</p>")
    answer = offerpost("create", "--name", "x", "--subject", "y", "--html", str(file))
    assert answer.exit_code == 1
    assert "Line 2: [=Affiliate.FistName=] is not a token" in answer.stderr
    assert answer.stdout == ""


def test_an_unknown_group_is_refused_with_the_nearest_one(
    offerpost: Offerpost, html: str, affiliate: MakeAffiliate
) -> None:
    affiliate(group="Gold partners")
    answer = offerpost(
        "create", "--name", "x", "--subject", "y", "--html", html, "--audience", "group:Gold partnrs"
    )
    assert answer.exit_code == 1
    assert "Did you mean “Gold partners”?" in answer.stderr


def test_an_unknown_message_is_refused_with_status_1(offerpost: Offerpost) -> None:
    for command in ("start", "pause", "resume", "cancel", "status"):
        answer = offerpost(command, "99")
        assert (answer.exit_code, answer.stdout) == (1, "")


def test_wrong_usage_has_status_2(offerpost: Offerpost) -> None:
    assert offerpost("create").exit_code == 2
    assert offerpost("status", "none").exit_code == 2
    assert offerpost("resend", "1").exit_code == 2


def test_start_follows_it_to_the_end(
    offerpost: Offerpost, html: str, network: Desk, affiliate: MakeAffiliate, tmp_path: Path
) -> None:
    affiliate("Adtrail", email="a@a.example.com")
    affiliate("Bluewave", email="A@A.example.com")
    number = created(offerpost, html)
    with sender(network):
        answer = offerpost("start", number, "--wait", "--json")
    found = json.loads(answer.stdout)
    assert (found["state"], found["total"]) == ("finished", 2)
    assert (found["counts"]["sent"], found["counts"]["suppressed"]) == (1, 1)
    file = tmp_path / "outcome.csv"
    assert offerpost("outcome", number, "--csv", str(file)).exit_code == 0
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert [row["state"] for row in rows] == ["sent", "suppressed"]
    assert rows[1]["detail"] == "duplicate address"


def test_starting_twice_is_starting_once(
    offerpost: Offerpost, html: str, network: Desk, affiliate: MakeAffiliate
) -> None:
    affiliate()
    number = created(offerpost, html)
    for _ in range(2):
        assert offerpost("start", number).exit_code == 0
    with network.reading() as session:
        assert session.query(Mailing).count() == 1


def test_what_two_have_to_look_at_needs_a_reason_here_too(
    offerpost: Offerpost, network: Desk, affiliate: MakeAffiliate, html: str
) -> None:
    affiliate("One")
    affiliate("Two")
    with network.session() as session:
        store.put(session, {"approve_above": "1"})
    number = created(offerpost, html)
    refused = offerpost("start", number)
    assert refused.exit_code == 1
    assert "Or say with --anyway why" in refused.stderr
    assert json.loads(offerpost("status", number, "--json").stdout)["state"] == "draft"
    assert offerpost("start", number, "--anyway", "Mara asked by phone").exit_code == 0


def test_pause_resume_and_cancel_say_where_it_stands(
    offerpost: Offerpost, html: str, affiliate: MakeAffiliate
) -> None:
    affiliate()
    number = created(offerpost, html)
    offerpost("start", number)
    states = [
        json.loads(offerpost(command, number, "--json").stdout)["state"]
        for command in ("pause", "resume", "cancel")
    ]
    assert states == ["paused", "running", "cancelled"]
    assert offerpost("resume", number).exit_code == 1


def test_only_the_failed_are_queued_again(
    offerpost: Offerpost, html: str, network: Desk, affiliate: MakeAffiliate
) -> None:
    affiliate(email="a@a.example.com")
    affiliate(email="b@b.example.com")
    number = created(offerpost, html)
    offerpost("start", number)
    with network.session() as session:
        session.query(OutboxMail).filter_by(address="a@a.example.com").update({"state": "sent"})
        session.query(OutboxMail).filter_by(address="b@b.example.com").update({"state": "failed"})
        mailing = session.query(Mailing).one()
        mailing.queued, mailing.sent, mailing.failed, mailing.state = 0, 1, 1, "finished_with_failures"
    found = json.loads(offerpost("resend", number, "--failed", "--json").stdout)
    assert (found["state"], found["counts"]["queued"], found["counts"]["sent"]) == ("running", 1, 1)
    assert offerpost("resend", number, "--failed").exit_code == 1


def test_a_draft_has_no_outcome(offerpost: Offerpost, html: str, tmp_path: Path) -> None:
    answer = offerpost("outcome", created(offerpost, html), "--csv", str(tmp_path / "x.csv"))
    assert answer.exit_code == 1
    assert "still a draft" in answer.stderr


def test_without_a_public_address_links_lead_to_where_serve_listens(
    offerpost: Offerpost, html: str, network: Desk, affiliate: MakeAffiliate
) -> None:
    with network.session() as session:
        store.put(session, {"public_url": ""})
    affiliate()
    number = created(offerpost, html)
    with sender(network):
        found = json.loads(offerpost("start", number, "--wait", "--json").stdout)
    assert found["counts"]["sent"] == 1
    assert "<http://127.0.0.1:8025/u/" in folder(network)[0]["List-Unsubscribe"]
