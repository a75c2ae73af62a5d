"""Signing in by XOAUTH2 with a refresh token: a real token server over HTTPS, a real mail server over STARTTLS."""

from __future__ import annotations

import base64
import logging
import ssl
from urllib.parse import parse_qsl

import pytest
import trustme

from tests.transports.smtp.conftest import MakeTransport, context_for
from tests.transports.smtp.mails import mails
from tests.transports.smtp.server import Peer, SmtpServer
from tests.transports.smtp.test_security import secure
from transports.contract import Status
from transports.errors import AuthError, SettingsError, TemporaryError, TransportError
from transports.fields import destination_changed, secrets
from transports.keeping import OwnMemory
from transports.smtp.account import account_of
from transports.smtp.checking import problems
from transports.smtp.transport import SmtpTransport
from transports.testing.servers import Cut, WebAnswer, WebRequest, WebServer

REFRESH, CLIENT = "kanari-refresh-1", "kanari-client-2"


class TokenServer(WebServer):
    """Gives token-1, token-2, … , each for so many seconds."""

    def __init__(self, context: ssl.SSLContext, *, seconds: object = 3600) -> None:
        super().__init__(self.give, tls=context)
        self.seconds = seconds
        self.after_effect = False

    def give(self, request: WebRequest) -> WebAnswer:
        token = f"token-{len(self.requests)}"
        return WebAnswer(200, {"access_token": token, "expires_in": self.seconds, "token_type": "Bearer"})


def by_token(tokens: WebServer, ca_pem: str, **more: object) -> dict[str, object]:
    chosen = {
        "host": "localhost", "security": "starttls", "auth": "xoauth2", "username": "desk@mail.example",
        "client_id": "offerpost", "client_secret": CLIENT, "refresh_token": REFRESH,
        "token_url": f"https://localhost:{tokens.port}/token", "ca_pem": ca_pem, "token_port": tokens.port,
    }  # fmt: skip
    return {**chosen, **more}


def tokens_used(there: SmtpServer) -> list[str]:
    auths = [command.split()[2] for command in there.commands if command.startswith("AUTH XOAUTH2")]
    return [base64.b64decode(one).decode().split("Bearer ")[1].rstrip("\x01") for one in auths]


def takes(*good: str):
    """Lets in who comes with one of these tokens, and else tells why in a challenge, as Google does."""

    def auth(peer: Peer) -> str:
        given = base64.b64decode(peer.commands[-1].split()[2]).decode()
        if any(f"Bearer {token}\x01" in given for token in good):
            return "235 2.7.0 Welcome"
        peer.say("334 eyJzdGF0dXMiOiI0MDEifQ==")
        assert peer.line() == ""
        return "535 5.7.8 Token refused"

    return auth


def test_a_token_is_fetched_once_for_all_connections(smtp: MakeTransport, server_context, ca_pem) -> None:
    with TokenServer(server_context) as tokens, secure(server_context) as there:
        transport = smtp(there.port, connections=3, **by_token(tokens, ca_pem))
        found = list(transport.send(mails(60)))
        transport.close()
        transport.open(1)
        found += transport.send(mails(1))
    assert {one.status for one in found} == {Status.ACCEPTED}
    assert len(there.peers) > 1
    assert set(tokens_used(there)) == {"token-1"}
    [request] = tokens.requests
    assert (request.method, request.path) == ("POST", "/token")
    assert dict(parse_qsl(request.body.decode())) == {
        "grant_type": "refresh_token",
        "client_id": "offerpost",
        "client_secret": CLIENT,
        "refresh_token": REFRESH,
    }


def test_a_client_without_a_secret_sends_none(smtp: MakeTransport, server_context, ca_pem) -> None:
    with TokenServer(server_context) as tokens, secure(server_context) as there:
        list(smtp(there.port, **by_token(tokens, ca_pem, client_secret="")).send(mails(1)))
    assert b"client_secret" not in tokens.requests[0].body


@pytest.mark.parametrize("seconds", [0, "0"])
def test_a_token_that_has_ended_is_replaced(smtp: MakeTransport, server_context, ca_pem, seconds) -> None:
    with TokenServer(server_context, seconds=seconds) as tokens, secure(server_context) as there:
        transport = smtp(there.port, **by_token(tokens, ca_pem))
        for _ in range(2):
            list(transport.send(mails(1)))
            transport.close()
            transport.open(1)
    assert tokens_used(there) == ["token-1", "token-2"]


def test_a_refused_token_is_replaced_once(smtp: MakeTransport, server_context, ca_pem) -> None:
    with TokenServer(server_context) as tokens, secure(server_context, AUTH=takes("token-2")) as there:
        found = list(smtp(there.port, **by_token(tokens, ca_pem)).send(mails(1)))
    assert [one.status for one in found] == [Status.ACCEPTED]
    assert tokens_used(there) == ["token-1", "token-2"]


def test_a_second_refusal_stops_the_server_with_a_remedy(smtp: MakeTransport, server_context, ca_pem) -> None:
    with (
        TokenServer(server_context) as tokens,
        secure(server_context, AUTH=takes()) as there,
        pytest.raises(AuthError) as trouble,
    ):
        list(smtp(there.port, **by_token(tokens, ca_pem)).send(mails(5)))
    assert tokens_used(there) == ["token-1", "token-2"]
    assert trouble.value.reason == "The server refused the access token."
    assert trouble.value.detail == "535 5.7.8 Token refused"
    assert "granted for this mailbox" in trouble.value.hint


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (WebAnswer(400, {"error": "invalid_grant", "error_description": f"{REFRESH} has ended"}), AuthError, "refresh"),
        (WebAnswer(401, {"error": "invalid_client", "error_description": CLIENT}), AuthError, "client"),
        (WebAnswer(400, {"error": "invalid_scope"}), AuthError, "no access token"),
        (WebAnswer(503, "busy", {"Retry-After": "120"}), TemporaryError, "just now"),
        (WebAnswer(429, {"error": "slow_down"}), TemporaryError, "just now"),
        (WebAnswer(404, "<html>"), SettingsError, "token server"),
        (WebAnswer(302, "", {"Location": "https://localhost/elsewhere"}), SettingsError, "token server"),
        (WebAnswer(200, "no json"), SettingsError, "token server"),
        (WebAnswer(200, {"access_token": "a\x01auth=Bearer b"}), SettingsError, "token server"),
        (WebAnswer(200, {"access_token": ["x"]}), SettingsError, "token server"),
        (Cut(), TemporaryError, "line broke"),
    ],
)  # fmt: skip
def test_without_a_token_nobody_signs_in_and_the_reason_is_named(
    smtp: MakeTransport, server_context, ca_pem, caplog, answer, error, words
) -> None:
    caplog.set_level(logging.DEBUG)
    with TokenServer(server_context) as tokens, secure(server_context) as there:
        tokens.next.append(answer)
        with pytest.raises(TransportError) as trouble:
            list(smtp(there.port, **by_token(tokens, ca_pem)).send(mails(3)))
    assert isinstance(trouble.value, error)
    assert words in trouble.value.reason
    assert trouble.value.hint
    assert not any(command.startswith(("AUTH", "MAIL")) for command in there.commands)
    everything = f"{trouble.value.reason} {trouble.value.detail} {trouble.value.hint} {caplog.text}"
    assert not any(secret in everything for secret in (REFRESH, CLIENT))
    if answer == WebAnswer(503, "busy", {"Retry-After": "120"}):
        assert trouble.value.retry_after == 120


def test_a_token_server_that_cannot_prove_its_name_gets_no_secret(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    stranger = context_for(trustme.CA().issue_cert("localhost"))
    with TokenServer(stranger) as tokens, secure(server_context) as there, pytest.raises(SettingsError):
        list(smtp(there.port, **by_token(tokens, ca_pem)).send(mails(1)))
    assert tokens.requests == []


def test_the_connection_test_tells_who_gave_the_token(smtp: MakeTransport, server_context, ca_pem) -> None:
    with TokenServer(server_context) as tokens, secure(server_context) as there:
        transport = smtp(there.port, **by_token(tokens, ca_pem))
        login = transport.probe("news@mail.example")[3]
        assert login.words == "Signed in as desk@mail.example, with an access token from localhost."
        tokens.next.append(WebAnswer(400, {"error": "invalid_grant"}))
        login = transport.probe("news@mail.example")[3]
    assert (login.verdict, login.words) == ("fail", "localhost no longer takes the refresh token.")
    assert login.remedies == ("Sign in at the provider again and store the new refresh token.",)


class Rotating(TokenServer):
    """Takes each refresh token once, as strict providers do: one that comes twice counts as stolen."""

    def give(self, request: WebRequest) -> WebAnswer:
        used = dict(parse_qsl(request.body.decode()))["refresh_token"]
        if used != self.newest:
            return WebAnswer(400, {"error": "invalid_grant"})
        self.newest = f"kanari-refresh-{len(self.requests) + 1}"
        return WebAnswer(200, {"access_token": "t", "expires_in": 0, "refresh_token": self.newest})

    newest = REFRESH


class Shelf(OwnMemory):
    """Notes what it is told, and can be full."""

    full = False

    def __init__(self) -> None:
        super().__init__()
        self.renewed: list[str] = []

    def give_back(self, given: str, used: str, renewed: str) -> None:
        self.renewed.append(renewed)
        if self.full:
            raise TemporaryError("The database is closed.")
        super().give_back(given, used, renewed)


def test_a_refresh_token_that_is_replaced_is_kept_and_used_from_then_on(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    with Rotating(server_context) as tokens, secure(server_context) as there:
        transport = smtp(there.port, **by_token(tokens, ca_pem))
        transport.keeper = shelf = Shelf()
        for _ in range(2):
            assert [one.status for one in transport.send(mails(1))] == [Status.ACCEPTED]
            transport.close()
        assert transport.probe("news@mail.example")[3].verdict == "pass"
    assert shelf.renewed == ["kanari-refresh-2", "kanari-refresh-3", "kanari-refresh-4"]


def test_an_access_token_is_not_used_before_the_new_refresh_token_is_safe(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    with Rotating(server_context) as tokens, secure(server_context) as there:
        transport = smtp(there.port, **by_token(tokens, ca_pem))
        transport.keeper = shelf = Shelf()
        shelf.full = True
        with pytest.raises(TemporaryError):
            list(transport.send(mails(1)))
    assert shelf.renewed == ["kanari-refresh-2"]
    assert tokens_used(there) == []


def test_secrets_are_dropped_when_the_token_address_or_the_client_changes() -> None:
    fields = SmtpTransport.fields
    assert secrets(fields) == ("password", "client_secret", "refresh_token")
    before = {"token_url": "https://auth.example/token", "client_id": "one"}
    for name in before:
        assert destination_changed(fields, before, {**before, name: "https://elsewhere.example/token"})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("smtp.gmail.com", "https://oauth2.googleapis.com/token"),
        ("SMTP.Office365.com.", "https://login.microsoftonline.com/common/oauth2/v2.0/token"),
        ("notgmail.com", ""),
    ],
)
def test_the_token_addresses_of_google_and_microsoft_are_known(host: str, url: str) -> None:
    assert account_of({"host": host}).token_url == url


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"refresh_token": ""}, "refresh_token", "missing"),
        ({"client_id": ""}, "client_id", "missing"),
        ({"username": ""}, "username", "mailbox"),
        ({"token_url": ""}, "token_url", "missing"),
        ({"token_url": "http://auth.example/token"}, "token_url", "https://"),
        ({"token_url": "https://me:pass@auth.example/token"}, "token_url", "no password"),
        ({"token_url": "", "host": "smtp.gmail.com"}, "", ""),
        ({"refresh_token": "", "password": "an access token", "client_id": ""}, "", ""),
        ({}, "", ""),
    ],
)
def test_what_is_missing_for_a_token_is_named(change: dict[str, str], field: str, words: str) -> None:
    good = {
        "host": "smtp.example.com", "port": 587, "security": "starttls", "auth": "xoauth2", "username": "desk",
        "client_id": "offerpost", "refresh_token": REFRESH, "token_url": "https://auth.example/token",
    }  # fmt: skip
    found = {one.field: one.reason for one in problems({**good, **change})}
    assert list(found) == [field] * bool(field)
    assert words in found.get(field, "")


def test_an_account_never_prints_its_secrets() -> None:
    account = account_of({"host": "x.example", "refresh_token": REFRESH, "client_secret": CLIENT})
    assert REFRESH not in repr(account)
    assert CLIENT not in repr(account)
