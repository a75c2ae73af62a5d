"""A saved password never goes to a new server: not in Save, not in Test, not by command line, not in a race."""

import threading

import pytest
from sqlalchemy import select

from tests.browser import words
from tests.settings.typed import SECRET, posted, smtp_fields
from webapp.errors import Invalid
from webapp.settings import drafts, probe, servers
from webapp.settings.directory import Directory
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.settle import Typed, settle

AGAIN = "A saved password never goes to a new server."
DESTINATIONS = {
    "host": "localhost",
    "security": "tls",
    "username": "somebody@else.example",
    "auth": "login",
    "ca_pem": "",
}


@pytest.fixture
def server_id(desk, own) -> int:
    with desk.session() as session:
        return servers.add(desk, session, "Mara", "Own", Typed("smtp", smtp_fields(own))).id


@pytest.fixture
def as_default(desk, server_id) -> int:
    with desk.session() as session:
        servers.make_default(session, "Mara", server_id)
    return server_id


def change(desk, server_id, fields, **more):
    with desk.session() as session:
        return servers.change(desk, session, "Mara", server_id, Typed("smtp", fields, **more))


def stored(desk, server_id) -> dict:
    with desk.session() as session:
        return Directory(desk).get(session, server_id).settings


def test_a_saved_server_has_its_secret_again_for_the_sender(desk, server_id):
    assert stored(desk, server_id)["password"] == SECRET


@pytest.mark.parametrize("field", [*DESTINATIONS, "port"])
def test_a_changed_destination_asks_for_the_password_again(desk, server_id, own, thief, field):
    new = str(thief.port) if field == "port" else DESTINATIONS[field]
    with pytest.raises(Invalid) as refused:
        change(desk, server_id, smtp_fields(own, password="", **{field: new}))
    assert AGAIN in refused.value.problems["password"]


def test_the_sentence_names_what_was_changed(desk, server_id, own):
    with pytest.raises(Invalid) as refused:
        change(desk, server_id, smtp_fields(own, password="", host="localhost"))
    assert (
        refused.value.problems["password"]
        == "Type it again: you changed the host. A saved password never goes to a new server."
    )


def test_the_old_secret_is_gone_when_a_new_one_was_typed_for_the_new_host(desk, server_id, thief):
    change(desk, server_id, smtp_fields(thief, password="typed anew"))
    assert stored(desk, server_id)["password"] == "typed anew"
    with desk.session() as session:
        assert len(session.scalars(select(MailServerSecret)).all()) == 1


def test_an_empty_password_keeps_the_saved_one_at_the_same_host(desk, server_id, own):
    change(desk, server_id, smtp_fields(own, password="", max_per_minute="60"))
    assert stored(desk, server_id)["password"] == SECRET


def test_a_removed_password_is_gone(desk, server_id, own):
    change(desk, server_id, smtp_fields(own, password="", username=""), remove=frozenset({"password"}))
    assert not stored(desk, server_id)["password"]


def test_the_mask_is_never_stored(desk, server_id, own):
    with pytest.raises(Invalid) as refused:
        change(desk, server_id, smtp_fields(own, password="••••••••"))
    assert "mask" in refused.value.problems["password"]


@pytest.mark.parametrize("text", ["env:HOME", "ENV:HOME", "@/etc/passwd", " env:HOME"])
@pytest.mark.parametrize("field", ["password", "host", "username"])
def test_a_form_can_not_refer_to_the_environment(desk, server_id, own, field, text):
    with pytest.raises(Invalid) as refused:
        change(desk, server_id, smtp_fields(own, **{field: text}))
    assert "Only the operator" in refused.value.problems[field]


def test_a_secret_of_the_environment_does_not_follow_a_changed_host(desk, own, thief, monkeypatch):
    monkeypatch.setenv("MAIL_SECRET", SECRET)
    fields = smtp_fields(own, password="env:MAIL_SECRET")
    with desk.session() as session:
        server = servers.add(desk, session, "command line", "Env", Typed("smtp", fields, operator=True))
    fields = {name: text for name, text in smtp_fields(thief).items() if name != "password"}
    with pytest.raises(Invalid) as refused:
        change(desk, server.id, fields)
    assert AGAIN in refused.value.problems["password"]
    assert stored(desk, server.id)["password"] == SECRET


def test_a_sealed_secret_does_not_open_in_another_row(desk, server_id, own):
    with desk.session() as session:
        other = servers.add(desk, session, "Mara", "Other", Typed("smtp", smtp_fields(own, password="b")))
        rows = {row.server_id: row for row in session.scalars(select(MailServerSecret))}
        rows[other.id].sealed = rows[server_id].sealed
    with pytest.raises(Exception, match="can't be opened"):
        stored(desk, other.id)


def test_pressing_test_with_a_changed_port_sends_no_password(owner, as_default, own, thief):
    fields = smtp_fields(own, password="", port=str(thief.port))
    page = owner.post("/account/email-settings", posted(fields, do="probe"))
    assert AGAIN in words(page)
    assert thief.connections == 0
    assert thief.logins == []


def test_saving_a_changed_port_without_password_stores_nothing(owner, desk, as_default, own, thief):
    fields = smtp_fields(own, password="", port=str(thief.port))
    page = owner.post("/account/email-settings", posted(fields))
    assert page.status_code == 400
    assert AGAIN in words(page)
    assert stored(desk, as_default)["port"] == own.port


def test_a_test_mail_with_a_changed_port_is_not_queued(owner, desk, as_default, own, thief):
    fields = smtp_fields(own, password="", port=str(thief.port))
    page = owner.post(
        "/account/email-settings",
        posted(fields, do="test", test_to="mara@desk.example.com", from_address="a@network.example"),
    )
    assert AGAIN in words(page)
    with desk.session() as session:
        assert session.scalar(select(MailServer).where(MailServer.draft_until.is_not(None))) is None


def test_the_right_server_does_get_the_saved_password(owner, as_default, own):
    page = owner.post("/account/email-settings", posted(smtp_fields(own, password=""), do="probe"))
    assert own.logins == [("post@network.example", SECRET)], words(page)


def test_no_password_escapes_when_the_host_changes_while_somebody_tests(desk, server_id, own, thief):
    """Whatever the order, the saved password is opened in the transaction that compared its destination."""
    stop = threading.Event()

    def change_back_and_forth() -> None:
        while not stop.is_set():
            for place, password in ((thief, "for the other"), (own, SECRET)):
                change(desk, server_id, smtp_fields(place, password=password))

    changing = threading.Thread(target=change_back_and_forth)
    changing.start()
    try:
        for _ in range(25):
            _test_as_if_it_were_the_thief(desk, server_id, thief)
    finally:
        stop.set()
        changing.join()
    assert SECRET not in [password for _, password in thief.logins]


def _test_as_if_it_were_the_thief(desk, server_id, thief) -> None:
    try:
        with desk.session() as session:
            server = servers.find(session, server_id, lock=True)
            settled = settle(desk, server, Typed("smtp", smtp_fields(thief, password="")))
            settings = probe.prepared(desk, session, "command line", server, settled)
    except Invalid:
        return
    probe.probe(desk, "smtp", settings, "a@network.example")


def test_a_draft_of_unsaved_values_seals_its_own_copy(desk, server_id, own):
    with desk.session() as session:
        server = servers.find(session, server_id)
        settled = settle(desk, server, Typed("smtp", smtp_fields(own, password="", max_per_day="9")))
        draft = drafts.draft_of(desk, session, "Mara", server, settled)
        sealed = {row.sealed for row in session.scalars(select(MailServerSecret))}
        assert len(sealed) == 2
    assert stored(desk, draft.id)["password"] == SECRET


def test_a_lock_looks_again_at_what_this_session_knew_before(desk, server_id, own, thief):
    """On PostgreSQL somebody else may have changed the server between drawing the cards and settling."""
    with desk.reading() as reading:
        known = reading.get(MailServer, server_id)
        assert (known.values["port"], len(known.secrets)) == (own.port, 1)
        reading.commit()
        change(desk, server_id, smtp_fields(thief, password="typed anew"))
        fresh = servers.find(reading, server_id, lock=True)
        with pytest.raises(Invalid, match="Type it again"):
            settle(desk, fresh, Typed("smtp", smtp_fields(own, password="")))
