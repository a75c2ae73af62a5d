"""Rules that speak to web and mail servers, against real ones: certificates, redirects, floods, silence, the address policy.

The name leads to a public address; the dialer takes the line to a server on loopback, so port and address are vetted as always.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.domains.northlight import DOMAIN, subject, zone_with
from tests.domains.zones import DnsServer
from transports.net import Net
from transports.testing.listener import Cut, Drip, Flood, Hang, Listener
from transports.testing.smtp_server import SmtpServer
from transports.testing.web_server import WebAnswer, WebServer
from webapp.domains.case import Case
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules import fetching, mark, smtp_talk
from webapp.domains.rules.findings import Finding
from webapp.domains.rules.table import RULES

PUBLIC = "93.184.215.14"
STS, TRACK, MX = f"mta-sts.{DOMAIN}", f"go.{DOMAIN}", "mx.northlight.example"
LOGO_URL, MARK_URL = f"https://{TRACK}/logo.svg", f"https://{TRACK}/vmc.pem"
ZONE = (
    f"_mta-sts.mail TXT v=STSv1; id=20261101;\nmta-sts.mail A {PUBLIC}\n"
    f"default._bimi.mail TXT v=BIMI1; l={LOGO_URL}; a={MARK_URL}\n9.113.0.203.in-addr.arpa. PTR mx.northlight.example."
)
POLICY = f"version: STSv1\nmode: enforce\nmx: {MX}\nmax_age: 604800\n"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"><title>N</title></svg>'
AUTHORITY = trustme.CA()


@pytest.fixture(scope="module", autouse=True)
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """This test's authority is one of the machine's."""
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


def context(*names: str, authority: trustme.CA = AUTHORITY, ended: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = {
        "not_after": datetime.now(UTC) - timedelta(days=1),
        "not_before": datetime.now(UTC) - timedelta(days=9),
    }
    authority.issue_cert(*(names or (STS, TRACK, MX)), **(end if ended else {})).configure_cert(made)
    return made


def judged(
    zone: DnsServer, rule: str, server: Listener | None, *, address: str = PUBLIC, changes: str = ZONE
) -> Finding:
    """What the rule says while every name leads to `address`, and every line ends at `server`."""
    zone.fresh(zone_with(changes))

    def dial(_: str, port: int, seconds: float) -> socket.socket:
        assert server is not None, "a line that must not be made"
        assert port in (25, 443)
        return socket.create_connection(("127.0.0.1", server.port), timeout=seconds)

    net = Net(floor=0, resolver=lambda _host, _port: [address], dialer=dial)
    case = Case(subject(tracking_host=TRACK), Resolver(zone.address, patience=(1.0,)), net)
    try:
        return RULES[rule].examine(case)
    finally:
        net.close()


def mark_certificate(domain: str = DOMAIN, *, usage: str = mark.FOR_MARKS, days: int = 30) -> str:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Northlight")])
    built = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 1, now - timedelta(days=60), now + timedelta(days=days)
        )
        .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage)]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(mark.LOGOTYPE), b"0"), critical=False)
    )
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


FILES: dict[str, str] = {
    "/.well-known/mta-sts.txt": POLICY,
    "/logo.svg": LOGO,
    "/vmc.pem": mark_certificate(),
    "/health": '{"status": "ok", "database": "ok", "sender": "ok"}',
}
FETCHED = ["D22", "D25", "D28"]
Serve = Callable[..., WebServer]


@pytest.fixture
def web() -> Iterator[Serve]:
    open_ones: list[WebServer] = []

    def serve(*, tls: ssl.SSLContext | None = None, **changed: str) -> WebServer:
        files = {**FILES, **{f"/{name}": body for name, body in changed.items()}}
        server = WebServer(lambda asked: WebAnswer(200, files[asked.path]), tls=tls or context())
        open_ones.append(server.__enter__())
        return server

    yield serve
    for one in open_ones:
        one.__exit__()


@pytest.mark.parametrize("rule", FETCHED)
def test_what_is_served_rightly_passes(zone: DnsServer, web: Serve, rule: str) -> None:
    found = judged(zone, rule, web())
    assert found.verdict == "pass", found
    assert any("GET https://" in line for line in found.evidence)


@pytest.mark.parametrize("rule", FETCHED)
@pytest.mark.parametrize("fault", ["another name", "a stranger's authority", "ended"])
def test_a_certificate_that_nobody_trusts_fails(zone: DnsServer, web: Serve, rule: str, fault: str) -> None:
    tls = {
        "another name": lambda: context("other.example"),
        "a stranger's authority": lambda: context(authority=trustme.CA()),
        "ended": lambda: context(ended=True),
    }[fault]()
    found = judged(zone, rule, web(tls=tls))
    assert found.verdict == "fail"
    assert "certificate" in found.words


@pytest.mark.parametrize("rule", FETCHED)
def test_a_redirect_is_not_followed(zone: DnsServer, web: Serve, rule: str) -> None:
    server = web()
    server.next.append(WebAnswer(302, headers={"Location": "https://127.0.0.1/secret"}))
    server.after_effect = False
    found = judged(zone, rule, server)
    assert (found.verdict, len(server.requests)) == ("fail", 1)
    assert "redirected" in found.words


@pytest.mark.parametrize("rule", FETCHED)
@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (WebAnswer(200, b"x" * 70_000), "fail"),
        (WebAnswer(200, b"x", headers={"Content-Length": "99999999999"}), "unknown"),
        (WebAnswer(404), "fail"),
        (Flood("HTTP/1.1 200 -\r\n\r\n" + "x" * 500, 8), "fail"),
        (Drip("HTTP/1.1 200 -", 0.05), "unknown"),
        (Hang(5), "unknown"),
        (Cut(reset=True), "unknown"),
    ],
    ids=["huge", "cut short", "missing", "flood", "drip", "silence", "reset"],
)
def test_a_hostile_server_costs_little_and_is_no_fault_of_ours(
    zone: DnsServer, web: Serve, monkeypatch: pytest.MonkeyPatch, rule: str, trouble: object, verdict: str
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    server = web()
    server.next.append(trouble)  # type: ignore[arg-type]
    server.after_effect = False
    began = time.monotonic()
    found = judged(zone, rule, server)
    assert found.verdict == verdict, found
    assert "fault of ours" not in found.words
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("rule", ["D21", "D22", "D25", "D27", "D28"])
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::ffff:10.0.0.5", "64:ff9b::a00:5"]
)
def test_no_rule_speaks_to_the_inner_network(zone: DnsServer, rule: str, address: str) -> None:
    found = judged(zone, rule, None, address=address)
    assert found.verdict == "unknown"
    assert "can't be used from here" in found.words
    told = [line.partition("  [asked")[0] for line in found.evidence]
    assert address not in "".join(told) + found.words


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (POLICY.replace("enforce", "testing"), "warn"),
        (POLICY.replace(MX, "other.example"), "fail"),
        (POLICY.replace(MX, "*.northlight.example"), "pass"),
        (POLICY.replace("max_age: 604800", "max_age: soon"), "fail"),
        (POLICY.replace("STSv1", "STSv2"), "fail"),
    ],
)
def test_a_policy_is_read_as_receivers_do(zone: DnsServer, web: Serve, text: str, verdict: str) -> None:
    assert judged(zone, "D22", web(**{".well-known/mta-sts.txt": text})).verdict == verdict


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ({"logo.svg": LOGO.replace("<title>", "<script>x</script><title>")}, "fail"),
        ({"logo.svg": "<html>"}, "fail"),
        ({"vmc.pem": "hello"}, "fail"),
        ({"vmc.pem": mark_certificate("other.example")}, "fail"),
        ({"vmc.pem": mark_certificate(days=-1)}, "fail"),
        ({"vmc.pem": mark_certificate(usage="1.3.6.1.5.5.7.3.1")}, "fail"),
        ({"vmc.pem": mark_certificate("northlight.example")}, "pass"),
    ],
)
def test_logo_and_mark_certificate_are_read(
    zone: DnsServer, web: Serve, files: dict[str, str], verdict: str
) -> None:
    found = judged(zone, "D25", web(**files))
    assert found.verdict == verdict, found


def test_a_tracking_host_that_is_somebody_else_is_advice(zone: DnsServer, web: Serve) -> None:
    assert judged(zone, "D28", web(health="<h1>Parked</h1>")).verdict == "warn"


def greeting(server: SmtpServer, name: str = MX) -> SmtpServer:
    server.on("BANNER", f"220 {name} ESMTP")
    return server


@pytest.mark.parametrize(
    ("name", "tls", "verdict"),
    [(MX, "good", "pass"), ("other.test", "good", "warn"), (MX, "self-signed", "warn"), (MX, "none", "fail")],
)
def test_the_mail_server_is_greeted_for_real(zone: DnsServer, name: str, tls: str, verdict: str) -> None:
    made = {"good": context, "self-signed": lambda: context(authority=trustme.CA()), "none": lambda: None}[
        tls
    ]()
    with SmtpServer(tls=made) as server:
        found = judged(zone, "D21", greeting(server, name))
        assert server.inbox == []
    assert found.verdict == verdict, found


@pytest.mark.parametrize(
    ("place", "action", "verdict"),
    [
        ("BANNER", "554 no", "unknown"),
        ("BANNER", Flood(megabytes=1), "unknown"),
        ("BANNER", Drip("220 slow", 0.1), "unknown"),
        ("EHLO", Hang(3), "unknown"),
        ("STARTTLS", "454 not now", "fail"),
        ("STARTTLS", b"220 go\r\n250 injected\r\n", "unknown"),
    ],
)
def test_a_mail_server_that_misbehaves_is_bounded(
    zone: DnsServer, monkeypatch: pytest.MonkeyPatch, place: str, action: object, verdict: str
) -> None:
    monkeypatch.setattr(smtp_talk, "SECONDS", 0.4)
    with SmtpServer(tls=context()) as server:
        if place != "BANNER":
            greeting(server)
        server.on(place, action)  # type: ignore[arg-type]
        began = time.monotonic()
        found = judged(zone, "D21", server)
    assert found.verdict == verdict, found
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(("reply", "verdict"), [("", "pass"), ("550 no", "fail"), ("451 later", "warn")])
def test_postmaster_and_abuse_are_asked_for_and_get_no_mail(
    zone: DnsServer, reply: str, verdict: str
) -> None:
    with SmtpServer(tls=context()) as server:
        if reply:
            greeting(server).on("RCPT", reply, containing="<abuse@")
        found = judged(zone, "D27", server)
        assert server.inbox == []
    assert found.verdict == verdict
