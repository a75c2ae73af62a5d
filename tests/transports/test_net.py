"""Connections, encryption and web requests, against real sockets."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme

from transports.errors import MaybeSent, SettingsError
from transports.net import Deadline, DestinationRefused, Net, Unreachable

Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """A port of this machine on which `talk` is given each connection, one after the other."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                line, _ = listening.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(5)
                try:
                    talk(line)
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listening.close()


def net_to(port: int) -> Net:
    return Net([f"127.0.0.1:{port}", f"localhost:{port}"], floor=0)


def read_request(line: socket.socket) -> bool:
    """Read up to the end of the body that `post` sends, which may come in a piece of its own."""
    came = b""
    while not came.endswith(b"{}"):
        more = line.recv(65536)
        if not more:
            return False
        came += more
    return True


def answer(text: bytes) -> Talk:
    def talk(line: socket.socket) -> None:
        while read_request(line):
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Trace: 7\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))

    return talk


def post(port: int, *, seconds: float = 5, scheme: str = "http", net: Net | None = None, **more: str):
    own = net or net_to(port)
    try:
        url = f"{scheme}://127.0.0.1:{port}/send"
        return own.http("POST", url, body=b"{}", headers={"X-Key": "k"}, deadline=Deadline(seconds), **more)
    finally:
        if net is None:
            own.close()


def test_a_closed_port_is_unreachable_and_says_what_to_check():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable) as trouble:
        net_to(port).connect("127.0.0.1", port, Deadline(5))
    assert trouble.value.cause == "refused"
    assert "Nothing listens there" in trouble.value.hint


def test_an_unknown_name_is_told_apart():
    with pytest.raises(Unreachable) as trouble:
        Net().connect("no-such-host.invalid", 25, Deadline(5))
    assert trouble.value.cause == "unknown_host"


def test_a_silent_name_server_does_not_outlast_the_deadline():
    started = time.monotonic()
    with pytest.raises(Unreachable):
        Net(resolver=lambda host, port: time.sleep(3) or []).resolve("slow.example.com", 25, Deadline(0.2))
    assert time.monotonic() - started < 1


def test_the_second_address_is_tried_when_the_first_is_silent():
    def dialer(address: str, port: int, seconds: float) -> socket.socket:
        if address == "8.8.8.8":
            raise TimeoutError("silent")
        return socket.socket()

    net = Net(resolver=lambda host, port: ["8.8.8.8", "8.8.4.4"], dialer=dialer)
    net.connect("two.example.com", 25, Deadline(5)).close()


def test_a_name_that_cannot_be_encoded_is_no_server():
    for host in ("a" * 300, "x..y", "\udcff.example", "a b"):
        with pytest.raises(Unreachable):
            Net().resolve(host, 25, Deadline(5))


def encrypted(authority: trustme.CA, name: str) -> Talk:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    def talk(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as safe:
            answer(b"safe")(safe)

    return talk


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def test_a_certificate_of_the_pasted_authority_is_trusted():
    authority = trustme.CA()
    with server(encrypted(authority, "127.0.0.1")) as port:
        assert post(port, scheme="https", ca_pem=pem(authority)).body == b"safe"


def test_an_unknown_authority_and_a_wrong_name_are_settings_errors():
    authority = trustme.CA()
    with server(encrypted(authority, "other.example.com")) as port:
        for ca in ("", pem(authority)):
            with pytest.raises(SettingsError, match="can't be trusted"):
                post(port, scheme="https", ca_pem=ca)


def test_a_handshake_that_drips_ends_with_the_deadline():
    def drip(line: socket.socket) -> None:
        for _ in range(40):
            line.sendall(b"\x16")
            time.sleep(0.1)

    started = time.monotonic()
    with server(drip) as port:
        net = net_to(port)
        line = net.connect("127.0.0.1", port, Deadline(5))
        with pytest.raises(Unreachable):
            net.encrypt(line, "127.0.0.1", Deadline(0.4))
    assert time.monotonic() - started < 4


def test_a_pasted_certificate_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="can't be read"):
        Net().tls_context("-----BEGIN nothing")


def test_old_tls_is_not_spoken():
    assert Net().tls_context().minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_request_gets_its_answer_and_keeps_the_connection():
    met = []

    def talk(line: socket.socket) -> None:
        met.append(line.getpeername())
        answer(b'{"id": 1}')(line)

    with server(talk) as port:
        net = net_to(port)
        replies = [post(port, net=net) for _ in range(3)]
        net.close()
    assert [(reply.status, reply.body, reply.headers["x-trace"]) for reply in replies] == [
        (200, b'{"id": 1}', "7")
    ] * 3
    assert len(met) == 1


def test_a_redirect_is_not_followed():
    def talk(line: socket.socket) -> None:
        read_request(line)
        line.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")

    with server(talk) as port:
        assert post(port).status == 302


def test_a_line_cut_after_the_request_may_have_sent_it():
    for part in (
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
        b"rubbish\r\n\r\n",
    ):

        def talk(line: socket.socket, part: bytes = part) -> None:
            read_request(line)
            line.sendall(part)

        with server(talk) as port, pytest.raises(MaybeSent):
            post(port)


def test_an_answer_that_drips_ends_with_the_deadline():
    def drip(line: socket.socket) -> None:
        read_request(line)
        for letter in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20:
            line.sendall(bytes([letter]))
            time.sleep(0.05)

    started = time.monotonic()
    with server(drip) as port, pytest.raises(MaybeSent):
        post(port, seconds=0.5)
    assert time.monotonic() - started < 3


def test_an_answer_without_end_is_cut_off():
    def flood(line: socket.socket) -> None:
        read_request(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            line.sendall(b"x" * 65536)

    with server(flood) as port, pytest.raises(MaybeSent):
        post(port)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off():
    bomb = gzip.compress(b"0" * 30_000_000)

    def talk(line: socket.socket) -> None:
        read_request(line)
        line.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(bomb), bomb)
        )

    with server(talk) as port, pytest.raises(MaybeSent):
        post(port)


def test_a_name_with_the_roots_dot_matches_its_certificate():
    authority = trustme.CA()
    with server(encrypted(authority, "localhost")) as port:
        net = net_to(port)
        line = net.connect("localhost", port, Deadline(5))
        with net.encrypt(line, "localhost.", Deadline(5), pem(authority)) as safe:
            assert safe.version() in ("TLSv1.2", "TLSv1.3")


def test_an_unreachable_service_has_surely_sent_nothing():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable):
        post(port)


def test_clear_http_and_inner_hosts_are_refused_unless_listed():
    net = Net(floor=0)
    for url in (
        "http://127.0.0.1/",
        "https://169.254.169.254/",
        "http://8.8.8.8:443/",
        "https://[::1]/",
        "https://8.8.8.8:22/",
    ):
        with pytest.raises(DestinationRefused):
            net.http("GET", url, deadline=Deadline(2))


def test_an_address_with_a_password_or_a_strange_scheme_is_no_address():
    for url in ("https://user:pw@example.com/", "file:///etc/passwd", "gopher://x/", "https://", "", "//x"):
        with pytest.raises(SettingsError):
            Net(floor=0).http("GET", url, deadline=Deadline(2))
