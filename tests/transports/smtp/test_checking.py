"""Rules across the fields: each problem names its field and what to type instead."""

from __future__ import annotations

import pytest
import trustme

from transports.fields import clean
from transports.relay.transport import RelayTransport
from transports.smtp.transport import SmtpTransport

GOOD = {
    "host": "smtp1.northlight.example",
    "port": 587,
    "security": "starttls",
    "username": "u",
    "password": "p",
}


def problems(**changes: object) -> dict[str, str]:
    return {one.field: one.reason for one in SmtpTransport.check({**GOOD, **changes})}


def test_good_settings_are_silent() -> None:
    assert problems() == {}
    assert problems(port=465, security="tls") == {}
    assert problems(host="127.0.0.1", port=2525, security="none") == {}
    assert problems(host="smtp.example.com", port=25, security="none", username="", password="") == {}
    assert problems(ca_pem=trustme.CA().cert_pem.bytes().decode()) == {}
    assert problems(host="bücher.example") == {}


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("smtp,northlight.example", "A host name has no comma. Did you mean smtp.northlight.example?"),
        ("smtp. northlight.example", "A host name has no blank. Did you mean smtp.northlight.example?"),
        ("smtp://mail.example:587/", "Did you mean mail.example?"),
        ("mail.example:587", "The port has its own field. Did you mean mail.example?"),
        ("post@mail.example", "e-mail address"),
        ("", "missing"),
        ("-bad-.example", "not a host name"),
        ("a..b", "not a host name"),
    ],
)
def test_a_host_that_is_none_is_named_with_a_better_one(host: str, words: str) -> None:
    assert words in problems(host=host)["host"]


def test_port_and_encryption_must_fit() -> None:
    assert "465" in problems(port=465, security="starttls")["security"]
    assert "587" in problems(port=587, security="tls")["security"]


def test_a_login_is_whole_and_encrypted() -> None:
    assert "password" in problems(password="")
    assert "username" in problems(username="")
    assert "never goes over" in problems(security="none", port=25)["security"]


def test_the_other_fields_are_looked_at() -> None:
    assert "full name" in problems(helo_name="not a name")["helo_name"]
    assert "private key" in problems(ca_pem="-----BEGIN PRIVATE KEY-----")["ca_pem"]
    assert "no certificate" in problems(ca_pem="hello")["ca_pem"]


@pytest.mark.parametrize(
    "settings", [{}, {"host": None, "port": None}, {"port": "x", "host": 5, "ca_pem": "ü"}]
)
def test_it_never_raises(settings) -> None:
    assert SmtpTransport.check(settings)


def test_the_fields_are_those_that_people_script_against() -> None:
    names = {field.name for field in SmtpTransport.fields}
    assert names == {
        "host", "port", "security", "auth", "username", "password", "ca_pem", "helo_name", "window",
        "client_id", "client_secret", "refresh_token", "token_url",
    }  # fmt: skip
    goes_to = {field.name for field in SmtpTransport.fields if field.destination}
    assert goes_to == {"host", "port", "security", "auth", "username", "ca_pem", "client_id", "token_url"}
    values, found = clean(SmtpTransport.fields, {"host": "smtp.example.com"})
    assert found == []
    assert (values["port"], values["security"], values["auth"]) == (587, "starttls", "auto")


def test_a_known_provider_tells_what_it_wants_in_the_dns() -> None:
    [record] = SmtpTransport.dns({"host": "smtp.sendgrid.net"}, "mail.example")
    assert (record.name, record.type, record.contains) == ("mail.example", "TXT", "include:sendgrid.net")
    assert SmtpTransport.dns({"host": "notsendgrid.net"}, "mail.example") == []
    assert RelayTransport.dns({"url": "smtp://smtp.sendgrid.net"}, "mail.example") == [record]
    assert RelayTransport.dns({}, "mail.example") == []
