"""Encryption, passwords and the introductions before the first mail."""

from __future__ import annotations

import base64
import datetime
import logging
import ssl
import traceback

import pytest
import trustme

from tests.transports.smtp.conftest import SHORT, MakeTransport, context_for
from tests.transports.smtp.mails import mails
from tests.transports.smtp.server import EHLO, Peer, SmtpServer
from transports.contract import Status
from transports.errors import AuthError, PermanentError, SettingsError, TemporaryError, TransportError
from transports.keeping import OwnMemory
from transports.net import Destination
from transports.oauth import AccessTokens
from transports.smtp.account import Account
from transports.smtp.session import Session

CANARY = "kanarienvogel-7h3"
OFFERS_TLS = "250-test.example\n250-STARTTLS\n250 8BITMIME"
OFFERS_AUTH = "250-test.example\n250-8BITMIME\n250 AUTH PLAIN LOGIN XOAUTH2"


def ehlo(peer: Peer) -> str:
    return OFFERS_AUTH if peer.encrypted else OFFERS_TLS


def secure(context: ssl.SSLContext, **answers: object) -> SmtpServer:
    return SmtpServer(context=context, **{"EHLO": ehlo, **answers})


def with_login(port: int, ca_pem: str, **more: object) -> dict[str, object]:
    chosen = {
        "security": "starttls",
        "username": "mara",
        "password": CANARY,
        "ca_pem": ca_pem,
        "host": "localhost",
    }
    return {**chosen, **more}


def said_by_auth(server: SmtpServer) -> list[str]:
    return [command for command in server.commands if command.startswith("AUTH") or CANARY in command]


@pytest.fixture
def refused(smtp: MakeTransport):
    """The error of a sending that must not succeed, and the server's record holds no password."""

    def attempt(server: SmtpServer, ca_pem: str, **more: object) -> TransportError:
        with server:
            settings = with_login(server.port, ca_pem, **more)
            with pytest.raises(TransportError) as trouble:
                list(smtp(server.port, **settings).send(mails(2)))
        assert said_by_auth(server) == []
        assert CANARY not in "".join(server.commands)
        assert not server.mails
        return trouble.value

    return attempt


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("auth", ["auto", "plain", "login", "xoauth2"])
def test_mail_goes_encrypted_and_signed_in(
    smtp: MakeTransport, server_context, ca_pem, security, auth
) -> None:
    heard: list[str] = []

    def answer(peer: Peer) -> str:
        heard.append(peer.commands[-1])
        if not peer.commands[-1].endswith("LOGIN"):
            return "235 2.7.0 Welcome"
        peer.say("334 VXNlcm5hbWU6")
        heard.append(peer.line())
        peer.say("334 UGFzc3dvcmQ6")
        heard.append(peer.line())
        return "235 2.7.0 Welcome"

    server = SmtpServer(context=server_context, tls=security == "tls", EHLO=ehlo, AUTH=answer)
    with server as there:
        chosen = with_login(there.port, ca_pem, security=security, auth=auth)
        found = list(smtp(there.port, **chosen).send(mails(3)))
    assert [one.status for one in found] == [Status.ACCEPTED] * 3
    assert all(one.tls == "TLSv1.3" for one in found)
    words = b" ".join(base64.b64decode(line.split()[-1]) for line in heard if not line.endswith("LOGIN"))
    assert CANARY.encode() in words
    assert b"mara" in words


def test_f14_an_expired_certificate_ends_it(refused, ca_pem, authority: trustme.CA) -> None:
    past = datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=3)
    old = authority.issue_cert("localhost", not_before=past - datetime.timedelta(days=9), not_after=past)
    trouble = refused(secure(context_for(old)), ca_pem)
    assert isinstance(trouble, SettingsError)
    assert "expired" in trouble.reason


def test_f14_a_certificate_for_another_name_ends_it(refused, ca_pem, authority: trustme.CA) -> None:
    trouble = refused(secure(context_for(authority.issue_cert("smtp.example.com"))), ca_pem)
    assert isinstance(trouble, SettingsError)
    assert "another name" in trouble.reason


def test_f14_an_unknown_authority_ends_it(refused, server_context) -> None:
    trouble = refused(secure(server_context), trustme.CA().cert_pem.bytes().decode())
    assert isinstance(trouble, SettingsError)
    assert "authority" in trouble.reason
    assert isinstance(refused(secure(server_context), ""), SettingsError)


def test_f14_an_old_tls_ends_it(refused, ca_pem, authority: trustme.CA) -> None:
    context = context_for(authority.issue_cert("localhost"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    assert isinstance(refused(secure(context), ca_pem), SettingsError)


def test_f14_a_server_without_starttls_ends_it(refused, server_context, ca_pem) -> None:
    trouble = refused(secure(server_context, EHLO=OFFERS_AUTH), ca_pem)
    assert isinstance(trouble, SettingsError)
    assert "STARTTLS" in trouble.reason


def test_f14_starttls_put_off_puts_the_server_off(refused, server_context, ca_pem) -> None:
    trouble = refused(secure(server_context, STARTTLS="454 4.7.0 TLS not available"), ca_pem)
    assert isinstance(trouble, TemporaryError)


def test_f14_a_hand_that_hangs_up_in_the_handshake_puts_the_server_off(refused, ca_pem) -> None:
    class HangsUp(SmtpServer):
        def _encrypt(self, peer: Peer) -> None:
            peer.drop()

    assert isinstance(refused(HangsUp(EHLO=ehlo), ca_pem), TemporaryError)


def test_f14_a_handshake_that_never_ends_is_given_up(refused, ca_pem) -> None:
    class Silent(SmtpServer):
        def _encrypt(self, peer: Peer) -> None:
            while peer.sock.recv(1000):
                pass

    assert isinstance(refused(Silent(EHLO=ehlo), ca_pem), TemporaryError)


@pytest.mark.parametrize("more", ["220 injected", "250-injected\n250 AUTH PLAIN", "x"])
def test_f14_words_injected_before_the_handshake_end_it(refused, server_context, ca_pem, more) -> None:
    trouble = refused(secure(server_context, STARTTLS=f"220 Ready\n{more}"), ca_pem)
    assert isinstance(trouble, TemporaryError if more == "x" else PermanentError)


def test_plain_smtp_where_tls_was_expected_ends_it(refused, ca_pem) -> None:
    trouble = refused(SmtpServer(EHLO=OFFERS_AUTH), ca_pem, security="tls")
    assert isinstance(trouble, SettingsError)
    assert "does not talk TLS" in trouble.reason


def test_what_was_offered_before_the_handshake_counts_for_nothing(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    def offers(peer: Peer) -> str:
        return "250 test.example" if peer.encrypted else f"{EHLO[:-12]}250-AUTH PLAIN\n250 STARTTLS"

    with (
        SmtpServer(context=server_context, EHLO=offers) as there,
        pytest.raises(SettingsError, match="no signing in"),
    ):
        list(smtp(there.port, **with_login(there.port, ca_pem)).send(mails(1)))


def test_a_password_never_goes_over_a_clear_line_to_a_server_elsewhere() -> None:
    """The connector allows clear text only to this machine; any other listed server is refused before a byte."""

    class Elsewhere:
        def resolve(self, host, port, deadline):
            return Destination(host, port, ("10.0.0.5",), listed=True)

    account = Account("mail.lan", 25, security="none", username="mara", password=CANARY)
    session = Session(
        account,
        net=Elsewhere(),
        log=logging.getLogger(),
        patience=SHORT,
        tokens=AccessTokens(Elsewhere(), OwnMemory),
    )
    with pytest.raises(SettingsError, match="never goes over a line that is not encrypted"):
        session.start()


def test_a_wrong_password_is_tried_once(smtp: MakeTransport, server_context, ca_pem) -> None:
    with secure(server_context, AUTH="535 5.7.8 Error: authentication failed") as there:
        chosen = with_login(there.port, ca_pem)
        with pytest.raises(AuthError) as trouble:
            list(smtp(there.port, connections=10, **chosen).send(mails(100)))
    assert len(said_by_auth(there)) == 1
    assert trouble.value.detail == "535 5.7.8 Error: authentication failed"


def test_a_login_that_cannot_be_checked_now_puts_the_server_off(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    with secure(server_context, AUTH="454 4.7.0 Temporary failure") as there, pytest.raises(TemporaryError):
        list(smtp(there.port, **with_login(there.port, ca_pem)).send(mails(1)))


def test_a_refused_token_ends_with_the_servers_answer(smtp: MakeTransport, server_context, ca_pem) -> None:
    def challenge(peer: Peer) -> str:
        peer.say("334 eyJzdGF0dXMiOiI0MDEifQ==")
        assert peer.line() == ""
        return "535 5.7.8 Token expired"

    with secure(server_context, AUTH=challenge) as there, pytest.raises(AuthError):
        list(smtp(there.port, **with_login(there.port, ca_pem, auth="xoauth2")).send(mails(1)))


def test_a_mechanism_that_is_not_offered_is_named(smtp: MakeTransport, server_context, ca_pem) -> None:
    offers = lambda peer: "250-x\n250 AUTH CRAM-MD5" if peer.encrypted else OFFERS_TLS  # noqa: E731
    with secure(server_context, EHLO=offers) as there, pytest.raises(SettingsError) as trouble:
        list(smtp(there.port, **with_login(there.port, ca_pem)).send(mails(1)))
    assert "CRAM-MD5" in trouble.value.hint


def test_a_server_that_echoes_the_password_gets_it_nowhere(
    smtp: MakeTransport, server_context, ca_pem, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(peer: Peer) -> str:
        line = peer.commands[-1].split()[-1]
        return f"535 5.7.8 {line} means {base64.b64decode(line).split(bytes(1))[-1].decode()}"

    caplog.set_level(logging.DEBUG)
    with secure(server_context, AUTH=echo) as there:
        transport = smtp(there.port, **with_login(there.port, ca_pem))
        with pytest.raises(AuthError) as trouble:
            list(transport.send(mails(1)))
        checks = transport.probe("news@mail.example")
    encoded = base64.b64encode(f"\0mara\0{CANARY}".encode()).decode()
    told = "".join(traceback.format_exception(trouble.value)) + caplog.text + repr(checks)
    told += repr(transport) + repr(transport.account()) + repr(trouble.value.__dict__)
    assert CANARY not in told
    assert encoded not in told
    assert "•••" in trouble.value.detail


def test_we_introduce_ourselves_as_the_settings_say(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        list(smtp(there.port, helo_name="mail.northlight.example").send(mails(1)))
        list(smtp(there.port).send(mails(1)))
    hellos = [command for command in there.commands if command.startswith("EHLO")]
    assert hellos[0] == "EHLO mail.northlight.example"
    assert hellos[1] == "EHLO [127.0.0.1]" or "." in hellos[1]


def test_a_server_without_ehlo_is_spoken_to_in_the_old_way(smtp: MakeTransport) -> None:
    with SmtpServer(EHLO="502 What?", HELO="250 test.example") as there:
        [found] = smtp(there.port).send(mails(1))
    assert found.status is Status.ACCEPTED
