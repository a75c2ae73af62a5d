"""The network's settings: what is taken, what is refused, and with which sentence."""

from pathlib import Path

import pytest

from webapp.config import Config
from webapp.errors import Invalid
from webapp.settings import servers, store
from webapp.settings.settle import Typed


def refusal(session, key, value) -> str:
    with pytest.raises(Invalid) as refused:
        store.put(session, {key: value})
    return refused.value.problems[key]


def test_a_fresh_instance_has_empty_settings_and_utc(session):
    assert store.identity(session) == store.Identity()
    assert store.get(session, "timezone") == "UTC"


def test_what_is_put_is_got(session):
    store.put(session, {"network_name": " Northlight ", "from_address": "post@mail.northlight.example"})
    assert store.get(session, "network_name") == "Northlight"
    assert store.identity(session).from_address == "post@mail.northlight.example"


def test_one_wrong_value_keeps_all_of_them_out(session):
    with pytest.raises(Invalid):
        store.put(session, {"network_name": "Northlight", "reply_to": "nobody"})
    assert store.get(session, "network_name") == ""


def test_an_unknown_setting_names_the_nearest_one(session):
    assert "Did you mean from_address?" in refusal(session, "from_adress", "a@b.example")


@pytest.mark.parametrize(
    "value",
    [
        "a@b\r\nBcc: c@d.example",
        "nobody",
        "a@@b.example",
        "å@b.example",
        "a b@c.example",
        "x" * 250 + "@b.example",
    ],
)
def test_an_address_that_no_server_would_take_is_refused(session, value):
    assert "address" in refusal(session, "from_address", value)


@pytest.mark.parametrize("value", ["a@mail.test", "a@bücher.example"])
def test_addresses_of_small_networks_are_taken(session, value):
    store.put(session, {"from_address": value})


def test_an_international_domain_is_kept_as_mail_servers_know_it(session):
    store.put(session, {"from_address": "a@bücher.example"})
    assert store.get(session, "from_address") == "a@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "value", ["Evil\r\nBcc: x@y.example", "a\x00b", "a\u2028b", "a\x85b", "=?utf-8?q?=0D=0ABcc?="]
)
@pytest.mark.parametrize("key", ["network_name", "from_name"])
def test_a_name_that_could_break_a_header_is_refused(session, key, value):
    assert refusal(session, key, f"x{value}x")


def test_a_name_has_at_most_64_characters(session):
    store.put(session, {"from_name": "x" * 64})
    assert "64 characters" in refusal(session, "from_name", "x" * 65)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("mail.example.com", "Write it like https://"),
        ("ftp://mail.example.com", "Write it like https://"),
        ("javascript:alert(1)", "Write it like https://"),
        ("https://mail.example.com/desk", "Did you mean https://mail.example.com?"),
        ("https://mail.example.com/?a=1", "Only the host"),
        ("https://mail.example.com#x", "Only the host"),
        ("https://user:pw@mail.example.com", "no user name"),
        ("https://", "Write it like https://"),
        ("https://mail.example.com:99999", "Write it like https://"),
        ("https://mail_example.com", "no host name"),
        ("https://a b.example", "no host name"),
    ],
)
def test_a_public_address_is_an_origin_and_nothing_else(session, value, reason):
    assert reason in refusal(session, "public_url", value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://Mail.Example.com/", "https://mail.example.com"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025"),
        ("http://[::1]:8025", "http://[::1]:8025"),
    ],
)
def test_a_public_address_is_kept_without_its_slash(session, value, kept):
    store.put(session, {"public_url": value})
    assert store.get(session, "public_url") == kept


def test_the_public_address_falls_back_to_the_operators(session):
    config = Config.from_environment(
        {"OFFERPOST_HOME": str(Path("x")), "OFFERPOST_PUBLIC_URL": "https://desk.example"}
    )
    assert store.public_url(session, config) == "https://desk.example"
    store.put(session, {"public_url": "https://mail.example.com"})
    assert store.public_url(session, config) == "https://mail.example.com"


def test_a_time_zone_that_does_not_exist_names_the_nearest_one(session):
    assert "Did you mean Europe/Stockholm?" in refusal(session, "timezone", "stockholm")


@pytest.mark.parametrize("value", ["../../etc/passwd", "/etc/localtime", "Europe/Stockholm\x00", "nowhere"])
def test_a_time_zone_is_no_path(session, value):
    assert "time zone" in refusal(session, "timezone", value)


def test_times_on_the_pages_follow_the_zone(owner, desk):
    with desk.session() as session:
        store.put(session, {"timezone": "Asia/Kathmandu"})
        fields = {"host": "smtp.example.com", "username": "u", "password": "p"}
        server = servers.add(desk, session, "Mara", "Own", Typed("smtp", fields))
    page = owner.get(f"/account/email-settings/servers/{server.id}")
    assert "+0545" in page.get_data(as_text=True)
