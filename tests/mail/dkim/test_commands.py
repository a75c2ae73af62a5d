"""`offerpost dkim`: a key signs only when its record is published, and an old one until the new one is activated."""

import json
import socket
import threading
from collections.abc import Callable, Iterator

import dns.message
import dns.rrset
import pytest
from click.testing import CliRunner, Result
from dns.rdataclass import IN
from dns.rdatatype import TXT as TXT_TYPE
from dns.rdtypes.ANY.TXT import TXT

from tests.mail.dkim.signing import by_dkimpy
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail.dkim.signers import Signers, Unsignable
from webapp.mail.models import DkimKey
from webapp.mail.signing.ring import KeyRing
from webapp.vault import Vault

DOMAIN = "northlight.example"
MAIL = b"From: desk@northlight.example\r\nSubject: News\r\n\r\nDear Ada\r\n"


class Zone:
    """A real DNS server on loopback: TXT records by name, each a list of strings."""

    def __init__(self) -> None:
        self.records: dict[str, list[list[str]]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, peer = self._socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            answer = dns.message.make_response(query)
            name = query.question[0].name
            found = [TXT(IN, TXT_TYPE, strings) for strings in self.records.get(name.to_text(True), [])]
            if found:
                answer.answer.append(dns.rrset.from_rdata_list(name, 1, found))
            self._socket.sendto(answer.to_wire(), peer)


@pytest.fixture
def zone() -> Iterator[Zone]:
    zone = Zone()
    yield zone
    zone.close()


Offerpost = Callable[..., Result]


@pytest.fixture
def offerpost(environ: dict[str, str], desk: Desk) -> Offerpost:
    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments, env=environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def keys_of(offerpost: Offerpost) -> dict[str, str]:
    return {key["selector"]: key["state"] for key in json.loads(offerpost("dkim", "list", "--json").stdout)}


def signed(desk: Desk) -> bytes:
    with desk.reading() as session:
        return Signers(KeyRing(desk.vault).keys(session)).sign(MAIL, "desk@NorthLight.example")


def publish(zone: Zone, printed: Result) -> dict[str, str]:
    found = {}
    for key in json.loads(printed.stdout):
        zone.records[key["record"]["name"]] = [key["record"]["strings"]]
        found[key["record"]["name"]] = key["record"]["value"]
    return found


def test_a_new_key_signs_nothing(offerpost: Offerpost, desk: Desk) -> None:
    assert offerpost("dkim", "add", DOMAIN).exit_code == 0
    assert keys_of(offerpost) == {"op1": "pending"}
    assert signed(desk) == MAIL


def test_the_record_is_printed_whole_and_in_strings_that_dns_takes(offerpost: Offerpost) -> None:
    said = offerpost("dkim", "add", DOMAIN).stdout
    record = json.loads(offerpost("dkim", "list", DOMAIN, "--json").stdout)[0]["record"]
    assert f"Name:   op1._domainkey.{DOMAIN}" in said
    assert f"Value:  {record['value']}" in said
    assert "".join(record["strings"]) == record["value"]
    assert max(map(len, record["strings"])) == 255
    assert f'op1._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=rsa; p=' in said


def test_a_key_whose_record_is_not_there_is_not_activated(offerpost: Offerpost, zone: Zone) -> None:
    offerpost("dkim", "add", DOMAIN)
    refused = offerpost("dkim", "activate", DOMAIN, "op1", "--resolver", zone.address)
    assert refused.exit_code == 1
    assert f"no TXT record at op1._domainkey.{DOMAIN}" in refused.stderr
    assert keys_of(offerpost) == {"op1": "pending"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda value: [[value[:9] + value.lower()[9:255], value.lower()[255:]]], "holds another key"),
        (lambda value: [[value[:255]]], "holds another key"),
        (lambda value: [["v=DKIM1; k=rsa; p="]], "revoked"),
        (lambda value: [["v=DKIM1; p=abc"], ["v=DKIM1; p=def"]], "2 TXT records"),
        (lambda value: [["hello"]], "not a DKIM record"),
        (lambda value: [["v=DKIM1; k=ed25519; p=abc"]], "another kind"),
    ],
)
def test_a_wrong_record_is_named(
    offerpost: Offerpost, zone: Zone, change: Callable[[str], list[list[str]]], reason: str
) -> None:
    key = json.loads(offerpost("dkim", "add", DOMAIN, "--json").stdout)[0]["record"]
    zone.records[key["name"]] = change(key["value"])
    assert reason in offerpost("dkim", "activate", DOMAIN, "op1", "--resolver", zone.address).stderr


def test_a_dns_that_does_not_answer_activates_nothing_unless_told(offerpost: Offerpost) -> None:
    offerpost("dkim", "add", DOMAIN)
    refused = offerpost("dkim", "activate", DOMAIN, "op1", "--resolver", "127.0.0.1:1")
    assert "could not be asked" in refused.stderr
    assert offerpost("dkim", "activate", DOMAIN, "op1", "--unchecked").exit_code == 0
    assert keys_of(offerpost) == {"op1": "active"}


def test_both_keys_sign_once_their_records_are_published(
    offerpost: Offerpost, zone: Zone, desk: Desk
) -> None:
    records = publish(zone, offerpost("dkim", "add", DOMAIN, "--type", "both", "--json"))
    for selector in ("op1", "op2"):
        assert offerpost("dkim", "activate", DOMAIN, selector, "--resolver", zone.address).exit_code == 0
    assert by_dkimpy(signed(desk), records) == [True, True]


def test_the_old_key_signs_until_the_new_one_is_activated(
    offerpost: Offerpost, zone: Zone, desk: Desk
) -> None:
    offerpost("dkim", "add", DOMAIN)
    offerpost("dkim", "activate", DOMAIN, "op1", "--unchecked")
    publish(zone, offerpost("dkim", "rotate", DOMAIN, "--json"))
    assert b"s=op1;" in signed(desk)
    said = offerpost("dkim", "activate", DOMAIN, "op2", "--resolver", zone.address).stdout
    assert "Leave the record of op1 for a week" in said
    assert b"s=op2;" in signed(desk)
    assert keys_of(offerpost) == {"op1": "retired", "op2": "active"}


def test_a_retired_key_signs_no_more(offerpost: Offerpost, desk: Desk) -> None:
    offerpost("dkim", "add", DOMAIN)
    offerpost("dkim", "activate", DOMAIN, "op1", "--unchecked")
    assert "no longer signed" in offerpost("dkim", "retire", DOMAIN, "op1").stdout
    assert signed(desk) == MAIL


def test_a_second_first_key_is_refused_with_the_way_to_rotate(offerpost: Offerpost) -> None:
    offerpost("dkim", "add", DOMAIN)
    assert "dkim rotate" in offerpost("dkim", "add", DOMAIN).stderr
    assert "dkim add" in offerpost("dkim", "rotate", "other.example").stderr


@pytest.mark.parametrize("domain", ["localhost", "a b.example", "-", "x@y.example"])
def test_what_is_no_domain_is_refused(offerpost: Offerpost, domain: str) -> None:
    assert offerpost("dkim", "add", "--", domain).exit_code == 1


def test_a_new_key_file_still_opens_the_keys_and_seals_them_anew(offerpost: Offerpost, desk: Desk) -> None:
    offerpost("dkim", "add", DOMAIN)
    offerpost("dkim", "activate", DOMAIN, "op1", "--unchecked")
    with desk.reading() as session:
        before = session.query(DkimKey).one().sealed
    assert "1 stored secrets" in offerpost("key", "rotate").stdout
    newest = desk.config.key_file.read_text().split()[0]
    desk.config.key_file.write_text(newest + "\n")
    with desk.reading() as session:
        key = session.query(DkimKey).one()
        assert key.sealed != before
        assert Vault(desk.config.key_file).decrypt(key.sealed, row=f"dkim:{DOMAIN}:op1")


def test_a_key_that_cannot_be_opened_lets_no_mail_leave_unsigned(offerpost: Offerpost, desk: Desk) -> None:
    offerpost("dkim", "add", DOMAIN)
    offerpost("dkim", "activate", DOMAIN, "op1", "--unchecked")
    with desk.session() as session:
        session.query(DkimKey).one().selector = "op7"  # as if the row had been copied
    with pytest.raises(Unsignable, match="can't be opened"):
        signed(desk)
    with desk.reading() as session:  # other domains are none the worse
        signers = Signers(KeyRing(desk.vault).keys(session))
    assert signers.sign(MAIL, "a@other.example") == MAIL


def test_private_keys_are_stored_and_printed_nowhere(offerpost: Offerpost, desk: Desk) -> None:
    said = offerpost("dkim", "add", DOMAIN).output + offerpost("dkim", "list", "--json").output
    with desk.reading() as session:
        row = session.query(DkimKey).one()
        secret = desk.vault.decrypt(row.sealed, row=f"dkim:{DOMAIN}:op1")
    stored = b"".join(path.read_bytes() for path in desk.config.home.glob("offerpost.db*"))
    assert secret[40:80] not in said
    assert secret[40:80].encode() not in stored
