"""Encryption to the mail server, judged by talking to a real one."""

import ssl

import pytest
import trustme

from tests.domains.northlight import subject
from tests.domains.zones import DnsServer
from transports.net import Net
from transports.testing.smtp_server import SmtpServer
from webapp.domains.case import Case
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.findings import Finding
from webapp.domains.rules.smtp_talk import greet
from webapp.domains.rules.table import RULES
from webapp.domains.subject import Way

AUTHORITY = trustme.CA()
TRUSTED = AUTHORITY.cert_pem.bytes().decode()


def context(name: str = "localhost") -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(made)
    return made


def judged(zone: DnsServer, port: int, security: str = "starttls", ca_pem: str = TRUSTED) -> Finding:
    way = Way("s", "smtp", "localhost", port, security, ca_pem)
    net = Net([f"localhost:{port}", f"127.0.0.1:{port}"], floor=0)
    return RULES["D20"].examine(Case(subject(way=way), Resolver(zone.address), net))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_verified_certificate_passes(zone: DnsServer, security: str) -> None:
    with SmtpServer(tls=context(), implicit=security == "tls") as server:
        found = judged(zone, server.port, security)
    assert found.verdict == "pass"
    assert found.words.startswith("TLS 1.3, certificate valid for another ")


def test_a_certificate_for_another_name_fails(zone: DnsServer) -> None:
    with SmtpServer(tls=context("other.example")) as server:
        found = judged(zone, server.port)
    assert found.verdict == "fail"
    assert "certificate" in found.words


def test_a_server_without_encryption_fails(zone: DnsServer) -> None:
    with SmtpServer() as server:
        assert judged(zone, server.port).verdict == "fail"
    assert judged(zone, 25, "none").verdict == "fail"


def test_a_server_that_is_not_there_is_unknown(zone: DnsServer) -> None:
    with SmtpServer() as server:
        port = server.port
    assert judged(zone, port).verdict == "unknown"


def test_asking_for_a_mailbox_sends_no_mail() -> None:
    boxes = ("postmaster@northlight.example", "abuse@northlight.example")
    with SmtpServer() as server:
        server.reject(boxes[1])
        net = Net([f"localhost:{server.port}", f"127.0.0.1:{server.port}"], floor=0)
        found = greet(net, "localhost", server.port, ask_for=boxes)
        assert found.answers == {boxes[0]: 250, boxes[1]: 550}
        assert server.inbox == []
