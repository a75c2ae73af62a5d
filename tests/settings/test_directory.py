"""The mail servers as the sender sees them, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.databases import on_postgres
from tests.settings.typed import SECRET, smtp_fields
from transports.errors import SettingsError
from webapp.config import Config
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.settings import drafts, servers, store, trial
from webapp.settings.directory import Directory
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.settle import Typed, settle
from webapp.wiring import open_desk


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[Desk]:
    if request.param == "postgres":
        environ["OFFERPOST_DATABASE_URL"] = request.getfixturevalue("shared_postgres_url")
        desk = on_postgres(environ)
    else:
        desk = open_desk(Config.from_environment(environ))
    yield desk
    desk.close()


@pytest.fixture
def directory(desk) -> Directory:
    return Directory(desk)


@pytest.fixture
def own_id(desk, own) -> int:
    with desk.session() as session:
        return servers.add(
            desk, session, "Mara", "Own", Typed("smtp", smtp_fields(own, max_per_minute="60"))
        ).id


def test_a_fresh_instance_has_the_folder_as_its_default(desk, directory):
    with desk.session() as session:
        server = directory.get(session, directory.default_id(session))
    assert (server.kind, server.settings["name"]) == ("folder", "outbox")


def test_opening_an_instance_again_adds_nothing(desk):
    again = open_desk(desk.config)
    with again.session() as session:
        assert session.scalar(select(func.count(MailServer.id))) == 1
    again.close()


def test_a_server_comes_with_limits_and_its_secret(desk, directory, own_id):
    with desk.session() as session:
        server = directory.get(session, own_id)
    assert server.settings["password"] == SECRET
    assert (server.max_per_minute, server.connections, server.paused) == (60, 2, False)
    assert SECRET not in repr(server)


def test_the_revision_grows_with_each_change(desk, directory, own_id):
    def revision() -> int:
        with desk.session() as session:
            return directory.get(session, own_id).revision

    before = revision()
    with desk.session() as session:
        servers.change(desk, session, "Mara", own_id, Typed("smtp", {"max_per_day": "5"}, partial=True))
    assert revision() > before


def test_there_is_exactly_one_default_after_a_change(desk, directory, own_id):
    with desk.session() as session:
        servers.make_default(session, "Mara", own_id)
    with desk.session() as session:
        assert directory.default_id(session) == own_id
        assert session.scalar(select(func.count(MailServer.id)).where(MailServer.is_default)) == 1


def test_the_senders_reason_for_a_pause_is_the_first_one(desk, directory, own_id):
    for reason in ("The server refused the password.", "Something later."):
        with desk.session() as session:
            directory.pause(session, own_id, reason, "Replace it.")
    with desk.session() as session:
        server = servers.find(session, own_id)
    assert (server.paused_reason, server.paused_by) == ("The server refused the password.", "sender")


def test_saving_new_values_lets_a_server_go_on_that_the_sender_had_paused(desk, directory, own_id):
    with desk.session() as session:
        directory.pause(session, own_id, "The server refused the password.", "Replace it.")
    with desk.session() as session:
        servers.change(desk, session, "Mara", own_id, Typed("smtp", {"password": "new"}, partial=True))
        assert not directory.get(session, own_id).paused


def test_a_pause_by_a_person_stays_when_values_change(desk, directory, own_id):
    with desk.session() as session:
        servers.pause(session, "Mara", own_id)
        servers.change(desk, session, "Mara", own_id, Typed("smtp", {"max_per_day": "5"}, partial=True))
        assert directory.get(session, own_id).paused


def test_an_expired_draft_goes_with_its_secret_once_its_mail_is_final(desk, directory, own_id):
    with desk.session() as session:
        store.put(session, {"network_name": "N", "from_address": "post@network.example"})
        server = servers.find(session, own_id)
        settled = settle(desk, server, Typed("smtp", {"max_per_day": "5"}, partial=True))
        draft = drafts.draft_of(desk, session, "Mara", server, settled)
        mail = trial.send(desk, session, "Mara", "post@network.example", draft)
        draft.draft_until = utcnow() - timedelta(seconds=1)
    with desk.session() as session:
        directory.delete_expired_drafts(session)
        assert session.get(MailServer, draft.id) is not None  # its mail still waits
        session.merge(mail).state = "sent"
    with desk.session() as session:
        directory.delete_expired_drafts(session)
        assert session.get(MailServer, draft.id) is None
        assert session.scalars(select(MailServerSecret.server_id)).all() == [own_id]


def test_a_draft_is_in_no_list_and_never_the_default(desk, own_id):
    with desk.session() as session:
        server = servers.find(session, own_id)
        settled = settle(desk, server, Typed("smtp", {"max_per_day": "5"}, partial=True))
        drafts.draft_of(desk, session, "Mara", server, settled)
        assert [one.name for one in servers.saved(session)] == ["Mail folder", "Own"]


def test_a_key_file_that_does_not_fit_is_said_in_a_sentence(desk, own_id, tmp_path):
    from webapp.vault import Vault

    other = replace(desk, vault=Vault.open(tmp_path / "other.key", create=True))
    with desk.session() as session, pytest.raises(SettingsError, match="can't be opened"):
        Directory(other).get(session, own_id)
