"""The pages and the command of the loop test: what is asked of people, what is refused, and what is kept."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import Person, words
from tests.domains.northlight import DOMAIN, zone_with
from tests.domains.test_loop_rules import LEFT, ON_TOP, key
from tests.domains.zones import DnsServer
from webapp.cli import main
from webapp.desk import Desk
from webapp.domains.loading import subject_of
from webapp.domains.loop import jobs, pasting, sending
from webapp.domains.loop import store as loops
from webapp.domains.models import LoopTest
from webapp.mail.dkim.signer import Signer
from webapp.mail.models import OutboxMail
from webapp.setbacks.models import Setback
from webapp.settings import store
from webapp.settings.models import MailServer

PAGE = "/domain-check/live"
SOURCE = (ON_TOP.encode() + Signer(DOMAIN, [("op1", key())]).sign(LEFT, at=1_790_000_000)).decode()


@pytest.fixture
def environ(tmp_path: Path, zone: DnsServer) -> dict[str, str]:
    zone.fresh(zone_with(""))
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_RESOLVER": f"127.0.0.1:{zone.port}"}


@pytest.fixture
def northlight(desk: Desk) -> Desk:
    with desk.session() as session:
        store.put(session, {"from_address": f"partners@{DOMAIN}"})
        session.query(MailServer).update({"is_default": False})
        values = {"host": "smtp1.northlight.example", "port": 587, "security": "starttls"}
        session.add(MailServer(public_id="x", name="smtp1", kind="smtp", values=values, is_default=True))
    return desk


def asked(person: Person, **changed: str) -> str:
    typed = {"way": "paste", "address": "me@gmail.com", "kind": "operational", "server": "0", **changed}
    return words(person.post(PAGE, typed, follow=True))


def test_a_pasted_source_is_judged_beside_the_pages_and_not_kept(
    northlight: Desk, owner: Person, zone: DnsServer
) -> None:
    zone.names.asked.clear()
    page = owner.post(f"{PAGE}/paste", {"source": SOURCE}, follow=True)
    assert "The source is being judged" in words(page)
    assert zone.names.asked == []
    northlight.jobs.run_pending()
    assert "A signature of mail.northlight.example arrived whole" in words(owner.get(page.request.path))
    with northlight.reading() as session:
        assert session.query(LoopTest).one().source == b""
        assert subject_of(northlight, session, DOMAIN).loop == "pass"
    assert "Fine" in words(owner.get(f"{PAGE}?q=mail.north"))
    assert "Nothing matches" in words(owner.get(f"{PAGE}?q=zebra"))


NO_SOURCES = {
    "hello": "no From header",
    "From: a@b.example\n\nx": "no Received header",
    "Received: x\n" * 90_000: "more than 1,000 KB",
}


def test_what_is_no_source_of_a_mail_is_refused_with_the_remedy(northlight: Desk, owner: Person) -> None:
    for source, says in NO_SOURCES.items():
        page = owner.post(f"{PAGE}/paste", {"source": source})
        assert page.status_code in (400, 413)
        assert says in words(page) or page.status_code == 413
    with northlight.reading() as session:
        assert session.query(LoopTest).count() == 0


def test_a_test_to_an_address_waits_for_its_own_source_and_takes_no_other(
    northlight: Desk, owner: Person
) -> None:
    assert "Paste what arrives at me@gmail.com" in asked(owner)
    with northlight.reading() as session:
        test = session.query(LoopTest).one()
        assert session.get_one(OutboxMail, test.mail_id).address == "me@gmail.com"
    page = owner.post(f"{PAGE}/{test.id}", {"source": SOURCE})
    assert page.status_code == 400
    assert f"has the word {test.token}" in words(page)
    owner.post(f"{PAGE}/{test.id}", {"source": SOURCE.replace("0123456789", test.token)})
    northlight.jobs.run_pending()
    seen = words(owner.get(f"{PAGE}/{test.id}"))
    assert "A signed header field was changed" in seen, "the subject was signed as another one"


NOT_SENT = [
    ({"way": "mailbox", "address": ""}, "No mailbox is set up"),
    ({"address": ""}, "Type the address"),
    ({"address": "a\r\nBcc: b@c.example"}, "address"),
    ({"from_address": "boss@gmail.com"}, "comes from one of your own domains"),
    ({"server": "99"}, "was deleted"),
    ({"server": "1"}, "nothing can arrive"),
    ({"kind": "announcement"}, "must name your postal address"),
]


def test_what_cannot_be_sent_is_refused_beside_its_field(northlight: Desk, owner: Person) -> None:
    for typed, says in NOT_SENT:
        assert says in asked(owner, **typed), typed
    with northlight.reading() as session:
        assert session.query(OutboxMail).count() == 0


def test_nobody_can_send_or_paste_many(northlight: Desk, owner: Person) -> None:
    for _ in range(pasting.PER_MINUTE + 1):
        page = owner.post(f"{PAGE}/paste", {"source": SOURCE}, follow=True)
    assert "Wait a minute" in words(page)
    for _ in range(sending.PER_HOUR):
        with northlight.session() as session:
            sending.start(northlight, session, owner.user, sending.Wish(address="me@gmail.com"))
    assert "Wait a little" in asked(owner)


def test_one_that_fails_holds_up_no_other(northlight: Desk, owner: Person) -> None:
    asked(owner)
    with northlight.session() as session:
        broken = session.query(LoopTest).one()
        broken.state, broken.source = loops.JUDGING, SOURCE.encode()
        session.get_one(OutboxMail, broken.mail_id).content.draft = {"no": "draft"}
        pasting.take(session, SOURCE, by=None)
    jobs.sweep(northlight)
    with northlight.reading() as session:
        assert [one.state for one in session.query(LoopTest).order_by(LoopTest.id)] == ["judging", "judged"]
        assert session.query(Setback).one().item == f"live test #{broken.id}"


def test_only_the_newest_tests_are_kept(
    northlight: Desk, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "KEPT", 2)
    for _ in range(3):
        owner.post(f"{PAGE}/paste", {"source": SOURCE})
    with northlight.reading() as session:
        assert [one.id for one in session.query(LoopTest)] == [2, 3]


def test_what_arrived_cannot_put_markup_into_the_page(northlight: Desk, owner: Person) -> None:
    hostile = SOURCE.replace("mx.receiver.test", "<script>alert(1)</script>").replace("b+1@", "<b>'\"@")
    page = owner.post(f"{PAGE}/paste", {"source": hostile}, follow=True)
    northlight.jobs.run_pending()
    assert "<script>alert" not in owner.get(page.request.path).text


def test_whoever_lacks_the_right_sees_no_test(colleague: Person, stranger: Person) -> None:
    for path in ("", "/1"):
        assert colleague.get(f"{PAGE}{path}").status_code == 403
        assert stranger.get(f"{PAGE}{path}").status_code == 302


def test_the_command_judges_a_file_as_it_arrived(
    environ: dict[str, str], northlight: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "mail.eml"
    file.write_bytes(SOURCE.encode())
    done = CliRunner().invoke(main, ["loop-test", "--file", str(file), "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 0, done.output
    assert {one["title"]: one["verdict"] for one in told["results"]}["DKIM"] == "pass"
    file.write_bytes(SOURCE.replace("Hello", "Hell0").encode())
    done = CliRunner().invoke(main, ["loop-test", "--file", str(file)])
    assert done.exit_code == 1
    assert "fail     DKIM: The body was changed after it was signed." in done.output
