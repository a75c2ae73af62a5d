"""The commands: what they print, what they refuse, and with which exit status."""

import json

import pytest
from click.testing import CliRunner, Result

from tests.settings.recorder import Recorder
from tests.settings.typed import SECRET
from webapp.cli import main


@pytest.fixture
def run(environ, monkeypatch):
    def call(*arguments: str, **more) -> Result:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, list(arguments), **more)

    return call


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return path


@pytest.fixture
def own_server(run, own: Recorder, secret_file, tmp_path) -> str:
    (tmp_path / "ca.pem").write_text(own.ca_pem)
    done = run(
        "server", "add", "smtp", "Own", "host=127.0.0.1", f"port={own.port}", "username=post@network.example",
        f"password=@{secret_file}", f"ca_pem=@{tmp_path / 'ca.pem'}",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return "Own"


def test_settings_are_set_and_shown(run):
    assert run("settings", "set", "network_name=Northlight", "timezone=Europe/Paris").exit_code == 0
    shown = json.loads(run("settings", "show", "--json").output)
    assert shown["network_name"] == "Northlight"
    assert shown["timezone"] == "Europe/Paris"


def test_a_refused_setting_says_why_and_ends_with_1(run):
    refused = run("settings", "set", "timezone=Mars")
    assert refused.exit_code == 1
    assert "There is no time zone “Mars”" in refused.output


def test_an_argument_without_equals_is_wrong_usage_and_is_not_repeated(run):
    refused = run("settings", "set", SECRET)
    assert refused.exit_code == 2
    assert SECRET not in refused.output


def test_a_secret_that_is_typed_plainly_is_refused_with_the_remedy(run):
    refused = run("server", "add", "smtp", "Own", "host=smtp.example.com", f"password={SECRET}")
    assert refused.exit_code == 2
    assert "password=@FILE or password=env:NAME" in refused.output
    assert SECRET not in refused.output


def test_a_secret_can_be_asked_for(run):
    done = run(
        "server",
        "add",
        "smtp",
        "Own",
        "host=smtp.example.com",
        "username=u",
        "password=-",
        input=f"{SECRET}\n",
    )
    assert done.exit_code == 0
    assert SECRET not in done.output


def test_a_secret_is_never_printed(run, own_server):
    for command in (("server", "list"), ("server", "list", "--json"), ("server", "probe", "Own", "--json")):
        assert SECRET not in run(*command).output


def test_the_list_says_when_a_secret_was_set_and_by_whom(run, own_server):
    listed = json.loads(run("server", "list", "--json").output)
    own = next(server for server in listed if server["name"] == "Own")
    assert own["secrets"]["password"]["set_by"] == "command line"
    assert "password" not in own["values"]


def test_a_changed_host_asks_for_the_secret_and_sends_nothing(run, own_server, own, thief):
    refused = run("server", "set", "Own", f"port={thief.port}")
    assert refused.exit_code == 1
    assert "Type it again: you changed the port." in refused.output
    run("server", "probe", "Own")
    assert thief.logins == []


def test_one_field_is_changed_and_the_rest_stays(run, own_server):
    assert run("server", "set", "Own", "max_per_minute=90").exit_code == 0
    own = next(one for one in json.loads(run("server", "list", "--json").output) if one["name"] == "Own")
    assert own["max_per_minute"] == 90
    assert own["values"]["host"] == "127.0.0.1"
    assert "password" in own["secrets"]


def test_an_empty_secret_removes_it(run, own_server):
    assert run("server", "set", "Own", "password=", "username=").exit_code == 0
    own = next(one for one in json.loads(run("server", "list", "--json").output) if one["name"] == "Own")
    assert own["secrets"] == {}


def test_a_reference_to_the_environment_is_kept_as_such(run, own_server, own, monkeypatch):
    monkeypatch.setenv("MAIL_SECRET", SECRET)
    assert run("server", "set", "Own", "password=env:MAIL_SECRET").exit_code == 0
    listed = run("server", "list", "--json").output
    assert "env:MAIL_SECRET" in listed
    assert SECRET not in listed
    assert run("server", "probe", "Own").exit_code == 0
    assert own.logins[-1] == ("post@network.example", SECRET)


def test_a_missing_variable_is_named_by_the_probe(run, own_server):
    run("server", "set", "Own", "password=env:NOT_SET_ANYWHERE")
    probed = run("server", "probe", "Own")
    assert probed.exit_code == 1
    assert "NOT_SET_ANYWHERE is not set" in probed.output


def test_a_probe_prints_each_step_and_ends_with_0(run, own_server, own):
    probed = run("server", "probe", "own", "--json")
    assert [step["step"] for step in json.loads(probed.output)] == [
        "resolve",
        "connect",
        "encrypt",
        "login",
        "sender",
    ]
    assert probed.exit_code == 0


def test_there_is_exactly_one_default(run, own_server):
    run("server", "default", "Own")
    listed = json.loads(run("server", "list", "--json").output)
    assert [server["name"] for server in listed if server["default"]] == ["Own"]


def test_the_default_can_not_be_deleted(run):
    refused = run("server", "delete", "Mail folder")
    assert refused.exit_code == 1
    assert "Make another server the default first." in refused.output


def test_a_paused_server_is_resumed(run):
    run("server", "pause", "Mail folder")
    assert json.loads(run("server", "list", "--json").output)[0]["paused"]
    run("server", "resume", "Mail folder")
    assert not json.loads(run("server", "list", "--json").output)[0]["paused"]


def test_an_unknown_server_is_answered_with_those_there_are(run):
    refused = run("server", "probe", "Nope")
    assert refused.exit_code == 1
    assert "“Mail folder”" in refused.output


def test_an_unknown_kind_is_answered_with_those_there_are(run):
    refused = run("server", "add", "pigeon", "P")
    assert refused.exit_code == 1
    assert "smtp" in refused.output


def test_a_test_mail_without_from_address_says_what_to_set(run):
    refused = run("test-mail", "mara@desk.example.com")
    assert refused.exit_code == 1
    assert "There is no from address yet" in refused.output


def test_a_test_mail_is_queued(run):
    run("settings", "set", "network_name=N", "from_address=a@network.example")
    sent = json.loads(run("test-mail", "mara@desk.example.com", "--json").output)
    assert sent["state"] == "queued"
    assert sent["server"] == "Mail folder"


def test_waiting_without_a_sender_says_so(run):
    run("settings", "set", "network_name=N", "from_address=a@network.example")
    waited = run("test-mail", "mara@desk.example.com", "--wait", "--timeout", "1")
    assert waited.exit_code == 1
    assert "no sender is running" in waited.output


def test_transports_are_printed_with_their_fields_and_the_refused_ones(run, environ, tmp_path):
    plugins = tmp_path / "instance" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "broken.py").write_text("import nothing_of_that_name\n")
    found = json.loads(run("transports", "--json").output)
    assert [one["kind"] for one in found["transports"]][:2] == ["relay", "smtp"]
    assert found["refused"][0]["source"] == "plugins/broken.py"
    assert {"name": "password", "type": "secret"}.items() <= next(
        field
        for one in found["transports"]
        if one["kind"] == "smtp"
        for field in one["fields"]
        if field["name"] == "password"
    ).items()


def test_the_list_tells_the_budget_of_today_and_the_way_of_mail(run, own_server):
    run("server", "set", "Own", "max_per_day=200", "domain_limits=gmail.com 20/minute", "hours=08:00-20:00")
    run("server", "route", "Own", "--for", "announcements,news.example.com", "--fallback", "Mail folder")
    own = next(one for one in json.loads(run("server", "list", "--json").output) if one["name"] == "Own")
    assert own["budgets"] == [
        {"span": "day", "used": 0, "limit": 200},
        {"span": "minute", "used": 0, "limit": 20, "domain": "gmail.com"},
    ]
    assert (own["for"], own["fallback"], own["fallback_for"]) == (
        ["announcement", "news.example.com"],
        "Mail folder",
        "operational",
    )
    refused = run("server", "route", "Own", "--for", "everything", "--fallback", "Own")
    assert refused.exit_code == 1
    assert "neither a class of mail nor a domain" in refused.output
    refused = run("server", "set", "Own", "warm_up_first=50", "domain_limits=gmail")
    assert "needs all three" in refused.output
    assert "gmail.com 20/minute" in refused.output
