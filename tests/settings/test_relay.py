"""The operator's relay: its password is the operator's, and nobody sees it here."""

import pytest
from click.testing import CliRunner

from tests.browser import words
from tests.settings.typed import SECRET
from webapp.cli import main

PAGE = "/account/email-settings"


@pytest.fixture
def environ(tmp_path, own):
    url = f"smtp://post:{SECRET}@127.0.0.1:{own.port}"
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_RELAY_URL": url}


def test_the_relays_password_is_on_no_page_even_when_it_is_refused(owner, own, caplog):
    own.wants = "something else"
    seen = ""
    for do in ("probe", "save"):
        page = owner.post(
            PAGE, {"kind": "relay", "do": do, "network_name": "N", "from_address": "a@n.example"}
        )
        seen += page.get_data(as_text=True)
    seen += owner.get(PAGE).get_data(as_text=True)
    assert SECRET not in seen + caplog.text


def test_the_relay_is_used_without_anything_to_fill_in(owner, desk):
    identity = {"network_name": "N", "from_address": "a@n.example"}
    page = owner.post(PAGE, {"kind": "relay", "do": "save", **identity}, follow=True)
    assert "Mail now leaves through Platform relay." in words(page)


def test_the_commands_do_not_print_it(environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke
    run(main, ["server", "add", "relay", "Relay"])
    for arguments in (
        ["server", "list", "--json"],
        ["server", "probe", "Relay", "--json"],
        ["transports", "--json"],
    ):
        assert SECRET not in run(main, arguments).output
