"""Opens of a message: off unless asked for, counted of all together, and nobody is named by it."""

from pathlib import Path

import pytest

from tests.broadcasts.sending import folder, sender, until
from tests.broadcasts.test_journey import over
from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.opens import PICTURE, picture_url
from webapp.tracking import counts, machines, spool
from webapp.tracking.counts import Opened
from webapp.tracking.intake import Intake
from webapp.tracking.models import OpenCount, SpoolPlace
from webapp.tracking.spool import Spool

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) Mobile/15E148"}
APPLE, GMAIL = {"User-Agent": "Mozilla/5.0"}, {"User-Agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}


def taken(desk: Desk, message: int = 7) -> Opened:
    Intake(desk).run()
    with desk.reading() as session:
        return counts.of_message(session, message)


def path_of(desk: Desk, message: int = 7) -> str:
    return picture_url(desk.vault, "", message)


def start(desk: Desk, draft: Broadcast) -> str:
    """Send it; the HTML of the first mail."""
    with desk.session() as session:
        starting.start(session, desk.config, None, draft.id)
    with sender(desk):
        until(lambda: over(desk))
    part = folder(desk)[0].get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_the_picture_is_served_and_counted_people_apart_from_proxies(desk: Desk, stranger: Person) -> None:
    for headers in (PHONE, PHONE, APPLE, GMAIL, {"User-Agent": "curl/8.5"}):
        answer = stranger.client.get(path_of(desk), headers=headers)
        assert (answer.status_code, answer.data, answer.content_type) == (200, PICTURE, "image/gif")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert stranger.client.head(path_of(desk), headers=PHONE).data == b""
    assert taken(desk) == taken(desk) == Opened(direct=2, machines=4)


def test_a_forged_picture_is_none(desk: Desk, stranger: Person) -> None:
    path = path_of(desk)
    for forged in (path.replace("/o/7", "/o/8"), "/o/7.x.gif", "/o/.gif", path.replace(".gif", "x.gif")):
        assert stranger.client.get(forged, headers=PHONE).status_code == 404
    assert taken(desk) == Opened()


def test_no_line_of_the_spool_counts_twice_after_a_restart(desk: Desk, stranger: Person) -> None:
    stranger.client.get(path_of(desk), headers=PHONE)
    assert Intake(desk).run() == 1
    assert Intake(desk).run() == 0
    stranger.client.get(path_of(desk), headers=PHONE)
    assert taken(desk) == Opened(direct=2)
    with desk.reading() as session:
        assert session.query(SpoolPlace).count() == 1


def test_the_picture_stands_in_an_announcement_that_asks_for_it(
    network: Desk, affiliate: MakeAffiliate, message: MakeMessage, owner: Person, stranger: Person
) -> None:
    affiliate()
    draft = message(counts_opens=True)
    html = start(network, draft)
    path = path_of(network, draft.id)
    assert html.count(path) == 1
    assert 'width="1" height="1" alt=""' in html
    stranger.client.get(path, headers=PHONE)
    Intake(network).run()
    said = words(owner.get(f"/messages/{draft.id}/report"))
    assert "Opens, indicative: the picture of this message was loaded 1 time directly" in said


@pytest.mark.parametrize("fields", [{}, {"counts_opens": True, "kind": "operational"}])
def test_no_other_mail_holds_it(
    network: Desk, affiliate: MakeAffiliate, message: MakeMessage, fields: dict[str, object]
) -> None:
    affiliate()
    assert "/o/" not in start(network, message(**fields))


def test_what_is_kept_names_nobody() -> None:
    assert set(OpenCount.__table__.columns.keys()) == {"broadcast_id", "day", "direct", "machines"}


def test_apples_proxy_is_known_by_its_bare_name() -> None:
    assert machines.opened_by("GET", {"user-agent": "Mozilla/5.0"}) == machines.PROXY
    assert machines.opened_by("GET", {"user-agent": PHONE["User-Agent"]}) == ""


def test_ten_thousand_hits_on_one_mail_leave_few_lines_and_their_number(desk: Desk) -> None:
    door = Spool(desk.config.spool)
    for _ in range(10_000):
        door.write(5, 0, "", utcnow())
    door.close()
    (path,) = desk.config.spool.glob(spool.PATTERN)
    assert path.stat().st_size < 20_000
    Intake(desk).run()
    with desk.reading() as session:
        assert counts.refused(session, "2000-01-01") == 10_000 - spool.OF_ONE_MAIL


def test_a_full_spool_takes_nothing_more_until_it_was_taken_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 200)
    monkeypatch.setattr(spool, "LINES", 10)
    monkeypatch.setattr(spool, "BREATH", 0.0)
    door = Spool(desk.config.spool)
    written = sum(door.write(number, 0, "", utcnow()) for number in range(1, 200))
    assert written == 10
    Intake(desk).run()
    assert door.write(1, 0, "", utcnow())
    door.close()
    Intake(desk).run()
    with desk.reading() as session:
        assert counts.refused(session, "2000-01-01") == 189


def test_of_two_who_read_at_the_same_time_neither_loses_what_only_one_has_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Spool(desk.config.spool)
    for _ in range(3):
        written.write(7, spool.OPENED, "", utcnow())
    written.close()
    read = spool.clicks_in

    def slowly(path: Path, place: int) -> tuple[list[spool.Written], int]:
        found = read(path, place)
        with (
            desk.session() as session
        ):  # meanwhile another one takes in the first line, which was all there was
            counts.add(session, found[0][:1])
            session.add(SpoolPlace(name=path.name, place=found[0][1].place))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(spool, "clicks_in", slowly)
        assert taken(desk) == Opened(direct=1)
    assert taken(desk) == Opened(direct=3)
