"""First start: step after step, left and taken up again."""

from tests.browser import heading, words
from webapp.settings import setup


def network(owner):
    return owner.post("/setup/network", {"network_name": "Northlight", "timezone": "UTC"})


def identity(owner):
    return owner.post("/setup/identity", {"from_name": "Northlight", "from_address": "post@network.example"})


def test_each_step_leads_to_the_next(owner):
    assert network(owner).location == "/setup/identity"
    assert identity(owner).location == "/setup/server"
    assert owner.post("/setup/server", {"kind": "folder", "do": "continue"}).location == "/setup/test"


def test_the_network_needs_a_name(owner):
    page = owner.post("/setup/network", {"network_name": ""})
    assert page.status_code == 400
    assert "Say what your network is called." in words(page)


def test_the_public_address_is_suggested_from_the_configuration_not_from_the_request(owner):
    page = owner.get("/setup/network", headers={"Host": "evil.example"})
    assert "evil.example" not in page.get_data(as_text=True)


def test_the_folder_is_chosen_beforehand(owner):
    assert "Not yet: write mails into a folder" in words(owner.get("/setup/server"))
    assert 'value="folder" checked' in owner.get("/setup/server").get_data(as_text=True)


def test_a_failing_server_shows_its_test_and_is_not_saved(owner, desk):
    fields = {
        "kind": "smtp",
        "do": "continue",
        "smtp-host": "127.0.0.1",
        "smtp-port": "25",
        "smtp-security": "starttls",
    }
    page = owner.post("/setup/server", fields)
    assert heading(page) == "How should your mail leave?"
    assert "destination can't be used from here" in words(page)


def test_a_server_can_be_saved_untested(owner):
    fields = {"kind": "smtp", "do": "untested", "smtp-host": "127.0.0.1", "smtp-port": "25"}
    assert owner.post("/setup/server", fields).location == "/setup/test"


def test_a_skipped_step_does_not_come_back_by_itself_but_is_reminded_of(owner, app, desk):
    network(owner)
    owner.post("/setup/identity", {"do": "skip"})
    with app.test_request_context(), desk.session() as session:
        assert setup.next_step(session).key == "server"
        assert "identity" in [step.key for step in setup.unfinished(session)]


def test_the_first_two_steps_can_not_be_skipped(owner):
    assert owner.post("/setup/network", {"do": "skip", "network_name": ""}).status_code == 400


def test_set_up_is_taken_up_where_it_was_left(owner, app, desk):
    network(owner)
    with app.test_request_context(), desk.session() as session:
        assert setup.next_step(session).key == "identity"
        steps = setup.steps(session, "identity")
    assert [step.state for step in steps[:4]] == ["done", "done", "now", ""]
    assert [step.title for step in steps] == [
        "Administrator", "Your network", "Identity", "How mail leaves", "Test mail", "Import affiliates", "First message",
    ]  # fmt: skip


def test_the_test_mail_of_set_up_is_queued_and_shown(owner):
    network(owner)
    identity(owner)
    page = owner.post("/setup/test", {"test_to": "mara@desk.example.com", "do": "test"})
    assert "Queued" in words(page)
    assert "no sender is running" in words(page)


def test_a_test_mail_before_identity_says_what_is_missing(owner):
    page = owner.post("/setup/test", {"test_to": "mara@desk.example.com", "do": "test"})
    assert page.status_code == 400
    assert "There is no from address yet" in words(page)
