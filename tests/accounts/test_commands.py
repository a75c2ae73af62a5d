"""`offerpost user`, run as the operator runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.cli import main
from webapp.config import Config
from webapp.wiring import open_desk


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFERPOST_HOME", str(tmp_path / "of-the-command"))
    monkeypatch.setenv("OFFERPOST_PUBLIC_URL", "https://desk.northlight.example/")
    return tmp_path / "of-the-command"


def offerpost(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_add_prints_a_link_that_sets_a_password(home: Path) -> None:
    done = offerpost("user", "add", "Mara@desk.example.com", "--name", "Mara Lindqvist", "--admin", "--json")
    printed = json.loads(done.stdout)
    assert done.exit_code == 0
    assert printed["email"] == "mara@desk.example.com"
    assert printed["name"] == "Mara Lindqvist"
    assert set(printed["rights"]) == ALL
    assert printed["link"].startswith("https://desk.northlight.example/password/")


def test_rights_are_given_one_by_one(home: Path) -> None:
    done = offerpost(
        "user", "add", "a@desk.example.com", "--right", "send_to_all", "--right", "edit_all", "--json"
    )
    assert set(json.loads(done.stdout)["rights"]) == {"send_to_all", "edit_all"}


def test_a_right_that_does_not_exist_is_wrong_usage_and_names_the_nearest(home: Path) -> None:
    done = offerpost("user", "add", "a@desk.example.com", "--right", "manage_email_setings")
    assert done.exit_code == 2
    assert "Did you mean manage_email_settings?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "nonsense"), "is no e-mail address"),
        (("add", "a@desk.example.com"), "belongs to a@desk.example.com already"),
        (("disable", "b@desk.example.com"), "There is no user b@desk.example.com"),
        (("link", "b@desk.example.com"), "There is no user b@desk.example.com"),
    ],
)
def test_a_refusal_is_one_sentence_and_status_1(home: Path, arguments: tuple[str, ...], words: str) -> None:
    offerpost("user", "add", "a@desk.example.com")
    done = offerpost("user", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_is_empty_with_a_hint_and_then_not(home: Path) -> None:
    assert "offerpost user add" in offerpost("user", "list").stdout
    offerpost("user", "add", "a@desk.example.com")
    (only,) = json.loads(offerpost("user", "list", "--json").stdout)
    assert (only["email"], only["state"], only["rights"]) == ("a@desk.example.com", "invited", [])


def test_a_disabled_user_can_be_enabled_but_gets_no_link(home: Path) -> None:
    offerpost("user", "add", "a@desk.example.com")
    assert offerpost("user", "disable", "a@desk.example.com").exit_code == 0
    assert offerpost("user", "link", "a@desk.example.com").exit_code == 1
    assert offerpost("user", "enable", "a@desk.example.com").exit_code == 0
    assert offerpost("user", "link", "a@desk.example.com").exit_code == 0


def test_the_last_who_manages_users_is_kept_here_too(home: Path) -> None:
    offerpost("user", "add", "mara@desk.example.com", "--admin")
    desk = open_desk(Config.from_environment())
    with desk.session() as session:
        session.query(User).one().password_hash = "!"
    desk.close()
    done = offerpost("user", "disable", "mara@desk.example.com")
    assert done.exit_code == 1
    assert "is the last who may manage users" in done.stderr


def test_the_set_up_link_is_over_once_a_user_was_added(home: Path) -> None:
    from webapp.accounts import links

    desk = open_desk(Config.from_environment())
    with desk.session() as session:
        token = links.setup_link(session)
    offerpost("user", "add", "mara@desk.example.com", "--admin")
    with desk.session() as session, pytest.raises(links.NotFound):
        links.find(session, token, links.SETUP)
    desk.close()
