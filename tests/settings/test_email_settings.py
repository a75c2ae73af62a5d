"""The page of the email settings as a person uses it."""

import logging

import pytest
from lxml import html
from sqlalchemy import select

from tests.browser import words
from tests.settings.typed import SECRET, posted, smtp_fields
from webapp.accounts.models import AuditEntry
from webapp.mail.models import OutboxMail
from webapp.settings import servers, store
from webapp.settings.models import MailServer

PAGE = "/account/email-settings"
IDENTITY = {"from_name": "Northlight", "from_address": "post@network.example", "network_name": "Northlight"}

PLUGIN = """
from transports.contract import Transport
from transports.fields import Choice, Integer, Secret, Text, Toggle
from transports.hookspecs import hookimpl

class Everything(Transport):
    contract = 1
    kind = "everything"
    label = "Everything mail"
    summary = "Declares a field of every kind."
    fields = (
        Text("site", "Site", required=True, destination=True),
        Text("note", "Note", multiline=True),
        Secret("key", "Key"),
        Integer("size", "Size", minimum=1, maximum=9),
        Choice("few", "Few", options=(("a", "Option A"), ("b", "Option B")), default="a"),
        Choice("many", "Many", options=tuple((str(n), f"Number {n}") for n in range(6)), default="0"),
        Toggle("fast", "Fast"),
        Text("only_b", "Only for B", when=("few", ("b",))),
        Text("data", "A name that the form library uses itself"),
    )
    def send_one(self, mail): ...
    def probe(self, sender):
        raise RuntimeError("the key is " + str(self.settings["key"]))

@hookimpl
def register_transports():
    return [Everything]
"""


@pytest.fixture
def with_plugins(environ, tmp_path):
    plugins = tmp_path / "instance" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "everything.py").write_text(PLUGIN)
    (plugins / "broken.py").write_text("import nothing_of_that_name\n")


def saved(desk) -> list[MailServer]:
    with desk.session() as session:
        return servers.saved(session)


def test_relay_and_own_server_come_first(owner):
    kinds = html.fromstring(owner.get(PAGE).get_data(as_text=True)).xpath("//input[@name='kind']/@value")
    assert kinds[:2] == ["relay", "smtp"]
    assert {"ses", "folder"} <= set(kinds)


def test_a_fresh_instance_sends_into_the_folder(owner):
    page = html.fromstring(owner.get(PAGE).get_data(as_text=True))
    assert page.xpath("//input[@name='kind' and @checked]/@value") == ["folder"]


def test_saving_makes_the_chosen_server_the_default(owner, desk, own):
    answer = owner.post(PAGE, posted(smtp_fields(own), **IDENTITY), follow=True)
    assert "Saved. Mail now leaves through My own SMTP server." in words(answer)
    assert [(one.kind, one.is_default) for one in saved(desk)] == [("smtp", True), ("folder", False)]
    with desk.session() as session:
        assert store.get(session, "from_address") == "post@network.example"


def test_nothing_is_saved_when_one_part_is_wrong(owner, desk, own):
    answer = owner.post(PAGE, posted(smtp_fields(own, host="a,b"), **IDENTITY))
    assert answer.status_code == 400
    assert "A host name has no comma." in words(answer)
    with desk.session() as session:
        assert store.get(session, "from_name") == ""
    assert len(saved(desk)) == 1


def test_what_was_typed_stays_but_the_secret_does_not(owner, own):
    page = owner.post(PAGE, posted(smtp_fields(own, port="x"), **IDENTITY)).get_data(as_text=True)
    assert "post@network.example" in page
    assert SECRET not in page


def test_every_problem_is_named_in_one_go(owner, own):
    seen = words(owner.post(PAGE, posted(smtp_fields(own, port="0"), from_address="nobody", network_name="")))
    assert "Port is out of range" in seen
    assert "“nobody” is no e-mail address" in seen
    assert "Say what your network is called." in seen


def test_a_made_up_kind_is_refused(owner):
    page = owner.post(PAGE, {"kind": "pigeon", **IDENTITY})
    assert page.status_code == 400
    assert "Choose how mail leaves" in words(page)
    assert owner.post("/setup/server", {"kind": "pigeon"}).status_code == 400


def test_the_secret_is_nowhere_to_be_seen(owner, desk, own, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    owner.post(PAGE, posted(smtp_fields(own), **IDENTITY))
    own.wants = "something else"  # the failing attempt must not tell it either
    seen = owner.post(PAGE, posted(smtp_fields(own, password=""), do="probe", **IDENTITY)).get_data(
        as_text=True
    )
    assert "refused" in seen
    for path in (PAGE, f"{PAGE}/servers/2", "/setup/server", "/account/audit"):
        seen += owner.get(path).get_data(as_text=True)
    with desk.session() as session:
        seen += str([entry.detail for entry in session.scalars(select(AuditEntry))])
    written = desk.config.home / "offerpost.db"
    raw = b"".join(path.read_bytes() for path in written.parent.glob("offerpost.db*"))
    out, err = capfd.readouterr()
    assert SECRET not in seen + caplog.text + out + err
    assert SECRET.encode() not in raw


def test_the_page_says_when_the_secret_was_set_and_by_whom(owner, own):
    owner.post(PAGE, posted(smtp_fields(own), **IDENTITY))
    assert "by Mara Lindqvist" in words(owner.get(PAGE))


def test_a_connection_test_shows_each_step(owner, own):
    page = owner.post(PAGE, posted(smtp_fields(own), do="probe", **IDENTITY))
    for step in ("Find the host", "Connect", "Encrypt", "Log in", "Sender accepted"):
        assert step in words(page)
    assert "not reached" not in words(page)


def test_a_refused_password_names_the_remedy(owner, own):
    page = owner.post(PAGE, posted(smtp_fields(own, password="wrong"), do="probe", **IDENTITY))
    assert "Watch for a blank at the end." in words(page)
    assert "535" in words(page)


def test_a_test_asked_for_by_script_gets_only_the_steps(owner, own):
    page = owner.post(PAGE, posted(smtp_fields(own), do="probe"), headers={"HX-Request": "true"})
    assert "<html" not in page.get_data(as_text=True)
    assert "Sender accepted" in words(page)


def test_a_passed_test_lets_a_paused_server_go_on(owner, desk, own):
    owner.post(PAGE, posted(smtp_fields(own), **IDENTITY))
    with desk.session() as session:
        server = servers.default(session)
        from webapp.settings.directory import Directory

        Directory(desk).pause(session, server.id, "The server refused the password.", "Replace it.")
    assert "The server refused the password." in words(owner.get(PAGE))
    owner.post(PAGE, posted(smtp_fields(own, password=""), do="probe", **IDENTITY))
    assert saved(desk)[0].paused_at is None


def test_all_refused_destinations_are_answered_alike(owner, own):
    def answer(host: str, port: str) -> str:
        page = owner.post(
            PAGE,
            posted(
                smtp_fields(own, host=host, port=port, security="none", username="", password=""), do="probe"
            ),
            headers={"HX-Request": "true"},
        )
        text = words(page)
        assert "This destination can’t be used" in text or "his destination can't be used" in text, text
        return " ".join(part for part in text.split() if not part.isdigit())

    spellings = [("127.0.0.1", "2525"), ("169.254.169.254", "25"), ("10.0.0.1", "587"), ("127.1", "25"), ("0", "25"),
                 ("[::1]", "25"), ("127.0.0.1", "6379")]  # fmt: skip
    assert len({answer(host, port) for host, port in spellings}) == 1


def test_testing_too_often_is_refused(owner, own):
    fields = posted(smtp_fields(own, host="127.0.0.1", port="25"), do="probe")
    for _ in range(10):
        owner.post(PAGE, fields, headers={"HX-Request": "true"})
    assert "Wait a minute, then test again." in words(
        owner.post(PAGE, fields, headers={"HX-Request": "true"})
    )


def test_a_test_mail_with_unsaved_values_leaves_through_a_draft(owner, desk, own):
    page = owner.post(PAGE, posted(smtp_fields(own), do="test", test_to="mara@desk.example.com", **IDENTITY))
    assert page.status_code == 200, words(page)
    with desk.session() as session:
        mail = session.scalars(select(OutboxMail)).one()
        draft = session.get_one(MailServer, mail.server_id)
    assert draft.draft_until is not None
    assert (mail.kind, mail.priority, mail.state) == ("operational", 2, "queued")
    assert "Queued" in words(owner.get(f"{PAGE}/test-mails/{mail.id}"))


def test_a_test_mail_with_saved_values_leaves_through_the_server_itself(owner, desk, own):
    owner.post(PAGE, posted(smtp_fields(own), **IDENTITY))
    owner.post(
        PAGE, posted(smtp_fields(own, password=""), do="test", test_to="mara@desk.example.com", **IDENTITY)
    )
    with desk.session() as session:
        assert session.scalars(select(OutboxMail)).one().server_id == servers.default(session).id


def test_a_test_mail_goes_to_nobody_outside(owner, own):
    page = owner.post(PAGE, posted(smtp_fields(own), do="test", test_to="victim@other.example", **IDENTITY))
    assert page.status_code == 400
    assert "only goes to people with an account here" in words(page)


def test_another_mail_is_not_shown_as_a_test_mail(owner, desk):
    assert owner.get(f"{PAGE}/test-mails/1").status_code == 404


def test_a_second_server_is_added_made_default_and_deleted(owner, desk, own):
    new = {"smtp-server_name": "Spare", **{f"smtp-{key}": text for key, text in smtp_fields(own).items()}}
    assert "Spare is ready" in words(owner.post(f"{PAGE}/servers/new?kind=smtp", new, follow=True))
    spare = next(one for one in saved(desk) if one.name == "Spare")
    assert not spare.is_default
    owner.post(f"{PAGE}/servers/{spare.id}/default")
    assert saved(desk)[0].name == "Spare"
    folder = saved(desk)[1]
    owner.post(f"{PAGE}/servers/{folder.id}/delete")
    assert [one.name for one in saved(desk)] == ["Spare"]


def test_two_servers_can_not_have_one_name(owner, own):
    new = {
        "smtp-server_name": "mail FOLDER",
        **{f"smtp-{key}": text for key, text in smtp_fields(own).items()},
    }
    page = owner.post(f"{PAGE}/servers/new?kind=smtp", new)
    assert page.status_code == 400
    assert "Choose another name." in words(page)


def test_a_deleted_server_is_answered_with_what_to_do(owner):
    assert owner.get(f"{PAGE}/servers/99").status_code == 404


@pytest.mark.usefixtures("with_plugins")
def test_every_kind_of_field_is_drawn(owner):
    page = html.fromstring(owner.get(f"{PAGE}/servers/new?kind=everything").get_data(as_text=True))
    drawn = {
        control.get("name"): control.get("type") or control.tag
        for control in page.xpath(
            "//*[self::input or self::select or self::textarea][starts-with(@name, 'everything-')]"
        )
    }
    assert drawn["everything-site"] == "text"
    assert drawn["everything-note"] == "textarea"
    assert drawn["everything-key"] == "password"
    assert drawn["everything-few"] == "radio"
    assert drawn["everything-many"] == "select"
    assert drawn["everything-fast"] == "checkbox"
    assert "everything-data" in drawn
    assert "Only if Few is Option B." in page.text_content()


@pytest.mark.usefixtures("with_plugins")
def test_a_plugins_values_are_saved_and_shown_again(owner, desk):
    fields = {"server_name": "Everything", "site": "s", "note": "a\r\nb", "key": SECRET, "size": "3", "few": "b", "many": "4",
              "fast": "y", "only_b": "yes", "data": "d"}  # fmt: skip
    answer = owner.post(
        f"{PAGE}/servers/new?kind=everything", {f"everything-{n}": t for n, t in fields.items()}
    )
    assert answer.status_code == 302, words(answer)
    server = next(one for one in saved(desk) if one.kind == "everything")
    assert server.values == {"site": "s", "note": "a\nb", "size": 3, "few": "b", "many": "4", "fast": True, "only_b": "yes",
                             "data": "d"}  # fmt: skip
    page = html.fromstring(owner.get(f"{PAGE}/servers/{server.id}").get_data(as_text=True))
    assert page.xpath("//input[@name='everything-few' and @checked]/@value") == ["b"]
    assert page.xpath("//input[@name='everything-fast']/@checked")


@pytest.mark.usefixtures("with_plugins")
def test_a_plugin_that_tells_its_secret_in_a_fault_is_not_repeated(owner, caplog):
    fields = {"everything-site": "s", "everything-key": SECRET, "do": "probe"}
    page = owner.post(f"{PAGE}/servers/new?kind=everything", fields)
    assert "the plugin everything failed during the test: RuntimeError" in words(page).lower().replace(
        "runtimeerror", "RuntimeError"
    )
    assert SECRET not in page.get_data(as_text=True) + caplog.text


@pytest.mark.usefixtures("with_plugins")
def test_a_refused_plugin_is_shown_with_the_remedy(owner):
    seen = words(owner.get(PAGE))
    assert "A plugin was refused. plugins/broken.py" in seen
    assert "Added by plugins/everything.py" in seen


@pytest.mark.usefixtures("with_plugins")
def test_conditions_are_a_style_sheet_without_any_value(stranger):
    sheet = stranger.get(f"{PAGE}/fields.css")
    assert sheet.mimetype == "text/css"
    assert '[name="everything-few"][value="b"]:checked' in sheet.get_data(as_text=True)


def test_the_relay_says_that_it_guarantees_nothing(owner):
    assert "The relay guarantees nothing" in words(owner.get(PAGE))


def test_a_relay_that_the_operator_has_not_set_up_is_refused(owner, desk):
    page = owner.post(PAGE, {"kind": "relay", **IDENTITY})
    assert page.status_code == 400
    assert saved(desk)[0].kind == "folder"


def test_every_change_is_in_the_audit_trail(owner, desk, own):
    owner.post(PAGE, posted(smtp_fields(own), **IDENTITY))
    with desk.session() as session:
        entries = {entry.action: entry for entry in session.scalars(select(AuditEntry))}
    assert entries["mail server added"].who == "mara@desk.example.com"
    assert {"settings changed", "mail server made default"} <= set(entries)
