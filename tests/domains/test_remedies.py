"""The record to paste is exact, and the usual mistakes at DNS panels are called by their names."""

import pytest

from tests.domains.northlight import DOMAIN, examine, key
from tests.domains.zones import DnsServer
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.findings import Paste
from webapp.domains.shapes import remedy_of
from webapp.domains.spf.evaluate import check_host
from webapp.domains.spf.merge import merge

SPF, DMARC, DKIM = "- mail TXT\n", "- _dmarc.mail\n", "- op1._domainkey.mail\n"


@pytest.mark.parametrize(
    ("existing", "wanted", "merged"),
    [
        ([], ["ip4:203.0.113.25"], "v=spf1 ip4:203.0.113.25 ~all"),
        (["v=spf1 mx -all"], ["ip4:203.0.113.25"], "v=spf1 mx ip4:203.0.113.25 -all"),
        (["v=spf1 include:a.example ~all"], ["include:A.example"], "v=spf1 include:a.example ~all"),
        (["v=spf1 mx ~all", "v=spf1 include:a.example -all"], [], "v=spf1 mx include:a.example -all"),
        (["v=spf1 mx +all"], ["a"], "v=spf1 mx a ~all"),
        (["v=spf1 mx"], ["a"], "v=spf1 mx a ~all"),
        (["v=spf1 redirect=b.example"], ["a"], "v=spf1 a redirect=b.example"),
        (["v=spf1 mx exp=why.b.example -all"], ["a"], "v=spf1 mx a exp=why.b.example -all"),
    ],
)
def test_what_is_missing_is_put_into_the_record_that_is_there(
    existing: list[str], wanted: list[str], merged: str
) -> None:
    assert merge(existing, wanted).text == merged


def test_the_merged_record_lets_the_server_send(zone: DnsServer) -> None:
    (paste,) = examine(zone, "D06", f"{SPF}mail TXT v=spf1 include:_spf.desk.example -all").records
    assert paste.value == "v=spf1 include:_spf.desk.example ip4:203.0.113.25 -all"
    assert (paste.added, paste.replaces) == (("ip4:203.0.113.25",), "v=spf1 include:_spf.desk.example -all")
    assert (paste.relative, paste.absolute) == ("mail", "mail.northlight.example.")
    assert paste.note == "Uses 1 of 10 look-ups."
    zone.fresh(f"{DOMAIN} TXT {paste.value}\n_spf.desk.example TXT v=spf1 -all")
    assert check_host(Resolver(zone.address), "203.0.113.25", DOMAIN).result == "pass"


def test_two_spf_records_become_one(zone: DnsServer) -> None:
    (paste,) = examine(zone, "D05", "mail TXT v=spf1 mx -all").records
    assert paste.value == "v=spf1 ip4:203.0.113.25 include:_spf.desk.example mx -all"


def test_a_dkim_record_comes_in_one_line_and_in_short_strings(zone: DnsServer) -> None:
    found = examine(zone, "D09", DKIM)
    (paste,) = found.records
    assert paste.value == f"v=DKIM1; k=rsa; p={key().public}"
    assert paste.relative == "op1._domainkey.mail"
    assert [len(one) for one in paste.strings] == [255, len(paste.value) - 255]
    assert f"value {paste.value}" in remedy_of(found)
    assert paste.zone_line.startswith('op1._domainkey.mail.northlight.example. IN TXT "v=DKIM1; ')


def test_a_record_at_the_zone_itself_is_called_at(zone: DnsServer) -> None:
    assert Paste("MX", "northlight.example", "northlight.example", "10 mx.northlight.example").zone_line == (
        "northlight.example. IN MX 10 mx.northlight.example."
    )
    (paste,) = examine(zone, "D05", "- @ TXT", domain="northlight.example").records
    assert paste.relative == "@"


@pytest.mark.parametrize(
    ("rule", "changes", "mistake"),
    [
        ("D05", SPF + "mail.northlight.example TXT v=spf1 a -all", "doubled zone name"),
        ("D05", SPF + 'mail TXT "v=spf1 a -all"', "quotes"),
        ("D05", SPF + "mail TXT v=spf1a -all", "blank lost"),
        ("D05", SPF + "_spf.mail TXT v=spf1 a -all", "wrong name"),
        ("D09", DKIM + "op1._domainkey.mail.northlight.example TXT v=DKIM1; p={key}", "doubled zone name"),
        ("D09", DKIM + "op1.domainkey.mail TXT v=DKIM1; p={key}", "underscore lost"),
        ("D09", DKIM + "op1.mail TXT v=DKIM1; p={key}", "wrong name"),
        ("D09", DKIM + 'op1._domainkey.mail TXT "v=DKIM1; k=rsa; p={key}"', "quotes"),
        ("D09", DKIM + "op1._domainkey.mail TXT v=DKIM1; k=rsa; p={lower}", "lower-cased"),
        ("D09", DKIM + "op1._domainkey.mail TXT v=DKIM1; k=rsa; p={cut}", "cut off"),
        ("D09", DKIM + "op1._domainkey.mail TXT v=DKIM1 k=rsa p={key}", "semicolon lost"),
        ("D12", DMARC + "_dmarc.mail.northlight.example TXT v=DMARC1; p=reject", "doubled zone name"),
        ("D12", DMARC + "dmarc.mail TXT v=DMARC1; p=reject", "underscore lost"),
        ("D12", DMARC + "mail TXT v=DMARC1; p=reject", "wrong name"),
        ("D12", DMARC + "_dmarc.mail TXT v=dmarc1; p=reject", "capitals or blanks"),
        ("D12", DMARC + "_dmarc.mail TXT v=DMARC1 p=reject", "semicolon lost"),
        ("D12", DMARC + r"_dmarc.mail TXT v=DMARC1\; p=reject", "backslashes"),
        ("D12", DMARC + '_dmarc.mail TXT "v=DMARC1; p=reject"', "quotes"),
        ("D29", "mail CNAME mx", "CNAME beside others"),
        ("D29", "_dmarc.mail.northlight.example TXT v=DMARC1; p=reject", "doubled zone name"),
        ("D29", "mail.northlight.example MX 10 mx", "doubled zone name"),
    ],
)
def test_a_mistake_at_the_panel_is_called_by_its_name(
    zone: DnsServer, rule: str, changes: str, mistake: str
) -> None:
    public = key().public
    found = examine(zone, rule, changes.replace("{lower}", public.lower()).replace("{cut}", public[:200]))
    assert (found.verdict, found.mistake) == ("fail", mistake), found.words


def test_a_record_that_was_put_elsewhere_is_kept_as_it_was_meant(zone: DnsServer) -> None:
    found = examine(zone, "D12", f"{DMARC}_dmarc.mail.northlight.example TXT v=DMARC1; p=reject; adkim=s")
    assert found.records[0].value == "v=DMARC1; p=reject; adkim=s"
    assert "Enter only “_dmarc.mail”" in found.words
    assert any(
        line.startswith("_dmarc.mail.northlight.example.northlight.example  TXT") for line in found.evidence
    )


def test_a_wildcard_is_no_doubled_name(zone: DnsServer) -> None:
    wild = "mail.northlight.example MX 10 mx\nno-such-name-here MX 10 mx"
    assert examine(zone, "D29", wild).verdict == "pass"


REPORTS = "rua=mailto:a@northlight.example"


@pytest.mark.parametrize(
    ("record", "corrected"),
    [
        (f"v=DMARC1; {REPORTS}; p=reject; pct=100", f"v=DMARC1; p=reject; {REPORTS}"),
        (f"v=DMARC1; p=monitor; sp=reject; {REPORTS}!10m", f"v=DMARC1; p=none; sp=reject; {REPORTS}"),
    ],
)
def test_a_dmarc_record_is_corrected_so_that_old_and_new_receivers_read_it(
    zone: DnsServer, record: str, corrected: str
) -> None:
    assert examine(zone, "D13", f"{DMARC}_dmarc.mail TXT {record}").records[0].value == corrected
