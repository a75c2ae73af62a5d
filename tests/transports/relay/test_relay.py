"""The operator's relay: what its address may say, and that mail goes there."""

from __future__ import annotations

import logging

import pytest

from tests.transports.smtp.mails import mails
from tests.transports.smtp.server import SmtpServer
from transports.contract import Status
from transports.errors import SettingsError
from transports.net import Net
from transports.registry import Registry
from transports.relay.address import account_of
from transports.relay.transport import RelayTransport

CANARY = "kanarienvogel-2x9"


def relay(url: str) -> RelayTransport:
    return RelayTransport({"url": url}, net=Net(floor=0), log=logging.getLogger("offerpost.test"))


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "login"),
    [
        ("smtp://mail.example", "mail.example", 587, "starttls", ("", "")),
        ("smtps://mail.example", "mail.example", 465, "tls", ("", "")),
        ("smtp://127.0.0.1:2500", "127.0.0.1", 2500, "none", ("", "")),
        ("smtp://localhost:25?security=starttls", "localhost", 25, "starttls", ("", "")),
        ("smtp://[::1]:25", "::1", 25, "none", ("", "")),
        ("smtp://mail.lan:25?security=none", "mail.lan", 25, "none", ("", "")),
        (
            "smtp://me%40x.example:p%2Fw%3A%25@mail.example:2525",
            "mail.example",
            2525,
            "starttls",
            ("me@x.example", "p/w:%"),
        ),
    ],
)
def test_the_address_names_server_encryption_and_login(url, host, port, security, login) -> None:
    found = account_of(url)
    assert (found.host, found.port, found.security) == (host, port, security)
    assert (found.username, found.password) == login
    assert RelayTransport.check({"url": url}) == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://u:{CANARY}@mail.example", f"mail.example:{CANARY}", f"smtp://u:{CANARY}@mail.example:port", f"smtp://u:{CANARY}@:25",
        f"smtps://u:{CANARY}@mail.example?security=none", f"smtp://u:{CANARY}@mail.example?{CANARY}=1", f"smtp://u:{CANARY}@[::1",
        f"smtp://u:{CANARY}@mail.example?ca_file=/no/such/file", f"smtp://u:{CANARY}@mail.example?auth=cram-md5",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    [problem] = RelayTransport.check({"url": url})
    assert "OFFERPOST_RELAY_URL" in problem.reason
    assert CANARY not in problem.reason
    with pytest.raises(SettingsError) as trouble:
        relay(url).open()
    assert CANARY not in repr(trouble.value.__dict__)
    [first, *rest] = relay(url).probe("news@mail.example")
    assert first.verdict == "fail"
    assert CANARY not in repr(first)
    assert {one.verdict for one in rest} == {"skip"}


@pytest.mark.parametrize("settings", [{}, {"url": ""}, {"url": None}])
def test_without_an_address_it_says_what_the_operator_must_set(settings) -> None:
    [problem] = RelayTransport.check(settings)
    assert "The operator has not set OFFERPOST_RELAY_URL" in problem.reason
    with pytest.raises(SettingsError, match="OFFERPOST_RELAY_URL"):
        RelayTransport(settings, net=Net(), log=logging.getLogger()).open()


def test_mail_goes_to_a_server_on_this_machine_that_nobody_has_listed() -> None:
    with SmtpServer() as there, relay(f"smtp://127.0.0.1:{there.port}") as transport:
        found = list(transport.send(mails(3)))
        steps = transport.probe("news@mail.example")
    assert [one.status for one in found] == [Status.ACCEPTED] * 3
    assert [one.verdict for one in steps] == ["pass", "pass", "skip", "skip", "pass"]


def test_its_password_is_nowhere_to_be_seen() -> None:
    transport = relay(f"smtp://u:{CANARY}@mail.example")
    assert CANARY not in repr(transport) + repr(transport.account())


def test_it_is_the_first_that_a_person_sees() -> None:
    registry = Registry.discover(entry_points=False)
    assert [one.kind for one in registry.kinds()][:2] == ["relay", "smtp"]
    assert not [one for one in registry.refused if one.source in ("transports.relay", "transports.smtp")]
