"""The test servers themselves, met by Python's own clients."""

import os
import smtplib
import ssl
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from transports.testing.servers import Cut, Drip, Flood, Hang, SmtpServer, WebAnswer, WebServer, certificate

PLUGIN = "transports.testing.pytest_plugin"
MAIL = b"Subject: hi\r\n\r\n.dot\r\nbody\r\n"


def client(server: SmtpServer, timeout: float = 5) -> smtplib.SMTP:
    return smtplib.SMTP(server.host, server.port, timeout=timeout)


def test_an_accepted_mail_is_in_the_inbox_byte_for_byte():
    with SmtpServer() as server, client(server) as smtp:
        smtp.sendmail("a@x.example", ["b@y.example", "c@y.example"], MAIL)
    assert [(one.sender, one.recipients, one.data) for one in server.inbox] == [
        ("a@x.example", ("b@y.example", "c@y.example"), MAIL),
    ]


def test_recipients_are_refused_one_by_one():
    with SmtpServer() as server, client(server) as smtp:
        server.reject("bad@y.example")
        server.defer("busy@y.example")
        refused = smtp.sendmail("a@x.example", ["bad@y.example", "busy@y.example", "good@y.example"], MAIL)
    assert {address: code for address, (code, _) in refused.items()} == {
        "bad@y.example": 550,
        "busy@y.example": 451,
    }
    assert server.inbox[0].recipients == ("good@y.example",)


@pytest.mark.parametrize("place", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA", "BODY", "DOT"])
def test_the_line_is_cut_where_it_is_told_to_be(place: str):
    with SmtpServer() as server:
        server.cut(place)  # type: ignore[arg-type]
        with pytest.raises(OSError), client(server) as smtp:  # smtplib's errors are OSErrors
            smtp.helo() if place == "HELO" else smtp.ehlo()
            smtp.sendmail("a@x.example", ["b@y.example"], MAIL)
        with client(server) as smtp:
            smtp.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert len(server.inbox) == (2 if place == "DOT" else 1)


def test_a_refusal_at_the_dot_keeps_the_inbox_empty():
    with SmtpServer() as server:
        server.on("DOT", "451 4.3.0 Not now", times=1)
        with client(server) as smtp, pytest.raises(smtplib.SMTPDataError):
            smtp.sendmail("a@x.example", ["b@y.example"], MAIL)
        assert server.inbox == []


@pytest.mark.parametrize("implicit", [False, True])
def test_it_encrypts_and_asks_for_a_password(implicit: bool):
    context, authority = certificate()
    trust = ssl.create_default_context(cadata=authority)
    with SmtpServer(users={"desk": "right"}, tls=context, implicit=implicit) as server:
        for password in ("wrong", "right"):
            if implicit:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL("localhost", server.port, context=trust, timeout=5)
            else:
                smtp = smtplib.SMTP("localhost", server.port, timeout=5)
                smtp.starttls(context=trust)
            with smtp:
                if password == "wrong":
                    with pytest.raises(smtplib.SMTPAuthenticationError):
                        smtp.login("desk", password)
                else:
                    smtp.login("desk", password)
                    smtp.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert ("desk", "wrong") in server.credentials
    assert [(one.encrypted, one.user) for one in server.inbox] == [(True, "desk")]


def test_a_password_in_the_clear_is_refused_but_seen():
    with SmtpServer(users={"desk": "right"}) as server, client(server) as smtp:
        assert smtp.docmd("AUTH", "PLAIN AGRlc2sAcmlnaHQ=")[0] == 538
        assert b"AUTH PLAIN AGRlc2sAcmlnaHQ=" in server.commands


def test_hang_drip_and_flood_do_what_their_names_say():
    with SmtpServer() as server:
        server.on("BANNER", Hang(), times=1)
        with pytest.raises(OSError, match="timed out"):
            client(server, timeout=0.3)
        server.on("BANNER", Drip("220 slow", seconds=0.01), times=1)
        with client(server) as smtp:
            assert smtp.noop()[0] == 250
        server.on("EHLO", Flood(megabytes=1), times=1)
        smtp = client(server)
        with pytest.raises(OSError):
            smtp.ehlo()
        smtp.close()


def test_it_ends_at_once_although_a_client_hangs():
    started = time.monotonic()
    with SmtpServer() as server:
        smtp = client(server)
    assert time.monotonic() - started < 2
    smtp.close()


def test_chunks_make_one_mail():
    with SmtpServer(extensions=["CHUNKING"]) as server, client(server) as smtp:
        smtp.ehlo()
        smtp.mail("a@x.example")
        smtp.rcpt("b@y.example")
        smtp.send(b"BDAT 3\r\nabc")
        assert smtp.getreply()[0] == 250
        smtp.send(b"BDAT 4 LAST\r\nd\r\ne")
        assert smtp.getreply()[0] == 250
    assert server.inbox[0].data == b"abcd\r\ne"


def test_the_web_server_answers_and_misbehaves():
    with WebServer(lambda request: WebAnswer(201, {"path": request.path})) as server:
        with urllib.request.urlopen(server.url + "/a", timeout=5) as reply:
            assert (reply.status, reply.read()) == (201, b'{"path": "/a"}')
        server.next = [Cut()]
        with pytest.raises(OSError):
            urllib.request.urlopen(server.url + "/b", timeout=5)
    assert [request.path for request in server.requests] == ["/a", "/b"]


def test_the_pytest_plugin_lends_a_server(tmp_path: Path):
    text = "def test_it(smtp_server):\n    assert smtp_server.port and smtp_server.inbox == []\n"
    (tmp_path / "test_it.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
    if not any(entry.module == PLUGIN for entry in entry_points(group="pytest11")):
        command += ["-p", PLUGIN]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
