"""Every rule, every verdict, against zones on a real DNS server: the rows are in `rules.txt`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.domains.northlight import DOMAIN, OWN, examine, signing_key, subject, zone_with
from tests.domains.zones import DnsServer
from transports.checks import DnsExpectation
from webapp.db import utcnow
from webapp.domains import checking
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.table import RULES
from webapp.domains.subject import Way

ROWS = [
    line for line in Path(__file__).with_name("rules.txt").read_text("utf-8").splitlines() if line[:1] == "D"
]
INCLUDE = DnsExpectation(DOMAIN, "TXT", "include:_spf.desk.example", "", False)
FEEDBACK = DnsExpectation(DOMAIN, "MX", "feedback.desk.example", "", True)
PROVIDER = Way(kind="smtp", host="smtp.desk.example", port=587, expects=(INCLUDE,))
SITUATIONS: dict[str, dict[str, Any]] = {
    "provider": {"way": PROVIDER},
    "bounces away": {"way": replace(PROVIDER, expects=(FEEDBACK,))},
    "nowhere": {"way": Way(kind="folder")},
    "no key": {"keys": ()},
    "pending": {"keys": (signing_key("pending"),)},
    "rotating": {"keys": (signing_key(), signing_key("pending", selector="op2"))},
    "old key": {"keys": (signing_key(days=500),)},
    "long ago": {"looped_at": utcnow() - timedelta(days=60)},
}
LONG = "mail TXT v=spf1 " + " ".join(f"ip4:203.0.113.{n}" for n in range(40)) + " ~all"


def _including(count: int) -> str:
    records = [f"s{n}.desk.example. TXT v=spf1 ip4:192.0.2.{n} -all" for n in range(count)]
    includes = " ".join(f"include:s{n}.desk.example" for n in range(count))
    return "\n".join(["- mail TXT", f"mail TXT v=spf1 {includes} ~all", *records])


def changes_of(text: str) -> str:
    for short, whole in (("<BOMB>", _including(12)), ("<NINE>", _including(9)), ("<LONG>", LONG)):
        text = text.replace(short, whole)
    return text.replace("KEY", "op1._domainkey.mail").replace(" | ", "\n")


def about(marks: str) -> dict[str, Any]:
    """The subject's fields that the marks of a row stand for."""
    fields: dict[str, Any] = {}
    for mark in filter(None, marks.split(", ")):
        name, equals, value = mark.partition("=")
        if name == "helo":
            fields["way"] = replace(OWN, helo=value)
        elif name == "loop":
            fields = {"looped_at": utcnow(), **fields, "loop": value}
        elif equals:
            fields[name] = value
        else:
            fields.update(SITUATIONS[mark])
    return fields


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: row.partition(" |")[0].replace(" ", "-").replace("/", "")
)
def test_a_zone_gets_its_verdict(zone: DnsServer, row: str) -> None:
    words, _, changes = row.partition(" | ")
    rule, verdict, _ = words.split(None, 2)
    marks = words.rpartition("{")[2].rstrip("}") if words.endswith("}") else ""
    found = examine(zone, rule, changes_of(changes), **about(marks))
    assert found.verdict == verdict, found.words


def test_every_rule_is_tried() -> None:
    assert {f"D{number:02}" for number in range(1, 32)} == set(RULES) == {row[:3] for row in ROWS}


def test_a_ready_domain_has_nothing_to_fix(zone: DnsServer) -> None:
    zone.fresh(zone_with(""))
    found = checking.check(subject(), Resolver(zone.address, patience=(0.2,)))
    assert [one.rule.id for one in found] == sorted(RULES)
    assert [one.rule.id for one in found if one.finding.verdict in ("warn", "fail")] == []
    assert len(zone.names.asked) < 120


def test_evidence_names_answer_ttl_server_and_time(zone: DnsServer) -> None:
    (line,) = examine(zone, "D05").evidence
    assert line.startswith('mail.northlight.example  TXT  "v=spf1 ip4:203.0.113.25')
    assert f"TTL 300  [asked 127.0.0.1:{zone.port}, " in line
    assert line.endswith(" ms]")
