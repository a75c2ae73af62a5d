"""The address policy, spelling by spelling, through the resolver that really decides."""

import ipaddress
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports.addresses import AllowList, Reach, entry_of, parse, reach
from transports.net import WEB_PORTS, Deadline, DestinationRefused, Net, Unreachable

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "①②⑦.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "3232235777",
    "::ffff:192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "fc00::1",
    "fd12:3456:789a::1",
    "fec0::1",
    "198.18.0.1",
    "192.0.2.1",
    "2001:db8::1",
]
DENIED = [
    "0.0.0.0",
    "0",
    "0.1.2.3",
    "::",
    "[::]",
    "::ffff:0.0.0.0",
    "169.254.169.254",
    "169.254.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%lo",
    "224.0.0.1",
    "239.255.255.250",
    "::ffff:224.0.0.1",
    "ff02::1",
    "ff0e::1",
    "255.255.255.255",
    "240.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:53aa:64c::1",
    "2001:10::1",
    "192.88.99.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",
    "100::1",
    "5f00::1",
]
PUBLIC = [
    "8.8.8.8",
    "134744072",
    "0x8.8.8.8",
    "93.184.216.34",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
]


def quick(*allowed: str, **more: object) -> Net:
    return Net(allowed, floor=0, **more)  # type: ignore[arg-type]


def refused(net: Net, host: str, port: int = 25) -> bool:
    try:
        net.resolve(host, port, Deadline(5))
    except (DestinationRefused, Unreachable):
        return True
    return False


@pytest.mark.parametrize("spelling", PRIVATE + DENIED)
def test_no_spelling_of_an_inner_address_is_reached(spelling: str):
    assert refused(quick(), spelling)


@pytest.mark.parametrize("spelling", DENIED)
def test_not_even_the_operator_reaches_what_is_always_denied(spelling: str):
    assert refused(quick().for_operator(), spelling)


@pytest.mark.parametrize(
    "spelling", [one for one in PRIVATE if one.lower() != "localhost" and "[" not in one]
)
def test_the_operator_reaches_private_ranges(spelling: str):
    found = quick().for_operator().resolve(spelling, 2599, Deadline(5))
    assert found.listed
    assert all(reach(address) is Reach.PRIVATE for address in found.addresses)


@pytest.mark.parametrize("spelling", PUBLIC)
def test_public_addresses_are_reached_on_mail_ports_only(spelling: str):
    for port in (25, 465, 587, 2525):
        assert not refused(quick(), spelling, port)
    for port in (22, 80, 443, 6379, 26):
        assert refused(quick(), spelling, port)


def test_web_requests_go_to_443_only():
    assert quick().resolve("8.8.8.8", 443, Deadline(5), ports=WEB_PORTS).addresses == ("8.8.8.8",)
    with pytest.raises(DestinationRefused):
        quick().resolve("8.8.8.8", 25, Deadline(5), ports=WEB_PORTS)


def test_the_table_is_long_enough():
    assert len(PRIVATE + DENIED) >= 60


def test_a_listed_address_allows_its_port_alone_and_names_that_lead_to_it():
    net = quick("127.0.0.1:1025", resolver=lambda host, port: ["127.0.0.1"])
    assert net.resolve("mail.local", 1025, Deadline(5)).listed
    assert refused(net, "mail.local", 1026)
    assert refused(net, "mail.local", 25)


def test_a_listed_name_allows_only_what_was_typed_as_that_name():
    net = quick("Mail.Local:25", resolver=lambda host, port: ["10.0.0.9"])
    assert not refused(net, "mail.local.", 25)
    assert refused(net, "other.local", 25)
    assert refused(net, "10.0.0.9", 25)


def test_a_listed_name_does_not_open_the_metadata_service():
    assert refused(quick("mail.local:25", resolver=lambda host, port: ["169.254.169.254"]), "mail.local")
    assert refused(quick("169.254.169.254:25"), "169.254.169.254")


def test_a_listed_public_host_may_use_an_odd_port():
    net = quick("mail.example.com:26", resolver=lambda host, port: ["8.8.8.8"])
    assert not refused(net, "mail.example.com", 26)
    assert refused(net, "mail.example.org", 26)


def test_one_bad_address_among_good_ones_refuses_the_name():
    for bad in ("127.0.0.1", "169.254.169.254", "::1", "fe80::1"):
        assert refused(quick(resolver=lambda host, port, bad=bad: ["8.8.8.8", bad]), "mixed.example.com"), bad


def test_entries_of_the_list_are_understood_or_refused_with_a_sentence():
    assert entry_of(" LocalHost:25 ") == ("localhost", 25)
    assert entry_of("[::1]:25") == ("::1", 25)
    assert entry_of("[0:0::1]:25") == ("::1", 25)
    assert entry_of("127.0.0.1:25") == ("127.0.0.1", 25)
    for bad in ("localhost", "localhost:", ":25", "h:0", "h:70000", "::1:25", "h:٢٥"):
        with pytest.raises(ValueError, match=r"host:port|brackets"):
            entry_of(bad)


def test_an_empty_list_allows_nothing():
    assert not AllowList(["", " "]).names("localhost", "127.0.0.1", 25)


def test_a_second_answer_of_the_name_server_changes_nothing():
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
    asked, dialled = [], []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    def dialer(address: str, port: int, seconds: float) -> socket.socket:
        dialled.append((address, port))
        return socket.socket()

    net = quick(resolver=resolver, dialer=dialer)
    net.connect("rebind.example.com", 25, Deadline(5)).close()
    assert (asked, dialled) == (["rebind.example.com"], [("8.8.8.8", 25)])
    with pytest.raises(DestinationRefused):
        net.connect("rebind.example.com", 25, Deadline(5))
    assert dialled == [("8.8.8.8", 25)]


def test_every_refusal_reads_the_same_and_takes_the_same_time():
    net = Net(floor=0.15)
    seen = set()
    for host, port in (
        ("127.0.0.1", 25),
        ("169.254.169.254", 25),
        ("10.9.8.7", 6379),
        ("8.8.8.8", 22),
        ("::1", 1),
    ):
        started, worked = time.monotonic(), time.thread_time()
        with pytest.raises(DestinationRefused) as refusal:
            net.connect(host, port, Deadline(5))
        assert time.monotonic() - started >= 0.15
        assert time.thread_time() - worked < 0.1  # all of them fit below the floor, so none sticks out
        seen.add((refusal.value.reason, refusal.value.hint))
    assert len(seen) == 1
    assert next(iter(seen))[0] == "This destination can't be used from here."


def test_only_the_operators_log_learns_why(caplog: pytest.LogCaptureFixture):
    with pytest.raises(DestinationRefused):
        quick().resolve("10.9.8.7", 25, Deadline(5))
    assert "10.9.8.7 is private" in caplog.text


def test_clear_text_is_for_a_listed_loopback_alone():
    assert quick("127.0.0.1:25").resolve("127.0.0.1", 25, Deadline(5)).clear_text_allowed
    assert not quick("10.0.0.1:25").resolve("10.0.0.1", 25, Deadline(5)).clear_text_allowed
    assert not quick().resolve("8.8.8.8", 25, Deadline(5)).clear_text_allowed


def neighbours(network: str) -> list[str]:
    """The first and last address of a network, those beside it, and one in the middle."""
    block = ipaddress.ip_network(network)
    first, last = int(block.network_address), int(block.broadcast_address)
    make = type(block.network_address)
    numbers = {first - 1, first, first + 1, (first + last) // 2, last - 1, last, last + 1}
    return [str(make(number)) for number in numbers if 0 <= number < 2**block.max_prefixlen]


SPECIAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "2000::/3",
]


@pytest.mark.parametrize("network", SPECIAL)
def test_what_python_itself_calls_not_global_is_never_public(network: str):
    """An independent judge; ours is stricter in the places where it is known to be wrong."""
    for text in neighbours(network):
        address = ipaddress.ip_address(text)
        plain = getattr(address, "ipv4_mapped", None) or address
        if not plain.is_global or plain.is_multicast or plain.is_reserved or plain.is_link_local:
            assert reach(text) is not Reach.PUBLIC, text


@given(st.ip_addresses(v=4))
def test_mapping_an_address_into_ipv6_changes_nothing(address: ipaddress.IPv4Address):
    assert reach(f"::ffff:{address}") is reach(str(address))
    assert reach(f"2002:{int(address) >> 16:x}:{int(address) & 65535:x}::") is Reach.DENIED
    assert reach(str(ipaddress.IPv6Address((0x64FF9B << 96) | int(address)))) is Reach.DENIED


@given(st.text(max_size=30))
def test_whatever_is_no_address_is_denied(text: str):
    assert parse(text) is not None or reach(text) is Reach.DENIED
