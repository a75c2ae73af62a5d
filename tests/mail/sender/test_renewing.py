"""A refresh token that its provider replaces at each use is never lost, by however many processes, nor lies there in clear."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import until_over
from tests.transports.smtp.test_oauth import REFRESH, Rotating
from transports.testing.servers import WebAnswer, WebRequest
from transports.testing.smtp_server import SmtpServer, certificate
from webapp.cli import main
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.settings import renewing, servers
from webapp.settings.models import MailServer, MailServerSecret, RenewedSecret
from webapp.settings.probe import probe
from webapp.settings.renewing import DeskKeeper
from webapp.settings.settle import Typed, settings_to_try, settle
from webapp.wiring import open_desk


class Provider(Rotating):
    """Strict, and slow enough for two requests to meet."""

    def give(self, request: WebRequest) -> WebAnswer:
        threading.Event().wait(0.05)
        return super().give(request)


@pytest.fixture
def certified() -> tuple[object, str]:
    return certificate()


@pytest.fixture
def provider(certified: tuple[object, str]) -> Iterator[Provider]:
    with Provider(certified[0]) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def environ(tmp_path, smtp: SmtpServer, provider: Provider) -> dict[str, str]:
    smtp.users, smtp.auth, smtp.auth_in_clear = {"desk": "t"}, "XOAUTH2", True
    allowed = f"127.0.0.1:{smtp.port},localhost:{provider.port}"
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_ALLOW_HOSTS": allowed}


@pytest.fixture
def account(smtp: SmtpServer, provider: Provider, certified: tuple[object, str]) -> dict[str, object]:
    return {
        "host": "127.0.0.1", "port": smtp.port, "security": "none", "auth": "xoauth2", "username": "desk",
        "helo_name": "", "client_id": "offerpost", "ca_pem": certified[1],
        "token_url": f"https://localhost:{provider.port}/token",
    }  # fmt: skip


def newest(desk: Desk) -> str:
    """What the next one would be lent, without lending it."""
    with desk.reading() as session:
        row = session.scalars(select(RenewedSecret)).one()
        return desk.vault.decrypt(row.sealed, row=renewing.row_name(row.first))


def holds(desk: Desk, words: str) -> bool:
    """Whether this text lies anywhere in the files of the instance."""
    files = (path for path in desk.config.home.rglob("*") if path.is_file())
    return any(words.encode() in path.read_bytes() for path in files)


def test_two_senders_and_a_page_that_renew_at_once_lose_nothing(
    desk: Desk, smtp: SmtpServer, provider: Provider, account: dict[str, object],
    mailing_to: Callable[..., Mailing], worker: StartWorker,
) -> None:  # fmt: skip
    mailing = mailing_to(60, server={"values": account, "connections": 6})
    with desk.session() as session:
        server = session.scalars(select(MailServer).where(MailServer.kind == "smtp")).one()
        sealed = desk.vault.encrypt(REFRESH, row=f"mail_server:{server.id}:refresh_token")
        session.add(MailServerSecret(server_id=server.id, field="refresh_token", sealed=sealed))
        session.flush()
        session.refresh(server)
        settings = settings_to_try(desk, server, settle(desk, server, Typed("smtp", {}, partial=True)))
    worker("--processes", "2")
    while not smtp.inbox:
        assert probe(desk, "smtp", settings, "desk@northlight.example")[3].verdict == "pass"
    assert until_over(desk, mailing).counts["sent"] == 60
    assert len(provider.requests) > 3
    assert newest(desk) == provider.newest
    assert not holds(desk, "kanari-refresh")


def test_whoever_comes_second_waits_and_gets_the_newest(desk: Desk) -> None:
    other = open_desk(desk.config)
    first, second = DeskKeeper(desk), DeskKeeper(other)
    assert first.borrow("a") == "a"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.borrow, "a")
        first.give_back("a", "a", "b")
        assert waiting.result(10) == "b"
    other.close()


def test_a_borrower_that_died_is_not_waited_for_and_a_late_one_overwrites_nothing(desk: Desk) -> None:
    keeper = DeskKeeper(desk)
    keeper.borrow("a")
    with desk.session() as session:
        assert renewing.lend(session, desk.vault, "a", utcnow()) is None
        assert renewing.lend(session, desk.vault, "a", utcnow() + timedelta(seconds=61)) == "a"
    keeper.give_back("a", "a", "from the second")
    keeper.give_back("a", "a", "from the late one")
    assert newest(desk) == "from the second"


def test_a_secret_that_a_person_replaces_is_forgotten_with_its_successors(desk: Desk) -> None:
    typed = {"host": "smtp.example.com", "username": "desk", "auth": "xoauth2", "client_id": "o",
             "token_url": "https://auth.example.com/token", "refresh_token": REFRESH}  # fmt: skip
    with desk.session() as session:
        server_id = servers.add(desk, session, "Mara", "Own", Typed("smtp", typed)).id
    keeper = DeskKeeper(desk)
    keeper.give_back(REFRESH, keeper.borrow(REFRESH), "kanari-2")
    with desk.session() as session:
        servers.change(
            desk, session, "Mara", server_id, Typed("smtp", {"refresh_token": "another"}, partial=True)
        )
        assert session.scalars(select(RenewedSecret)).all() == []


def test_a_new_key_file_opens_successors_too(
    desk: Desk, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    DeskKeeper(desk).give_back("a", "a", "b")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(main, ["key", "rotate"]).exit_code == 0
    again = open_desk(desk.config)
    assert newest(again) == "b"
    again.close()


def test_a_successor_that_no_key_opens_does_not_stop_anybody(desk: Desk) -> None:
    keeper = DeskKeeper(desk)
    keeper.give_back("a", "a", "b")
    with desk.session() as session:
        session.execute(update(RenewedSecret).values(sealed="broken"))
    assert keeper.borrow("a") == "a"
