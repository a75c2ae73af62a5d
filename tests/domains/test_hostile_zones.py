"""What a zone may try on whoever looks at it: size, circles, bombs, slowness, markup."""

import json
import time

from click.testing import CliRunner

from tests.domains.northlight import DOMAIN, examine, subject, zone_with
from tests.domains.zones import DnsServer
from webapp.cli import main
from webapp.desk import Desk
from webapp.domains.checking import check
from webapp.domains.lookup.answers import Found
from webapp.domains.lookup.resolver import Budget, Resolver
from webapp.domains.rules.table import RULES


def test_a_text_of_64_kilobytes_is_read_by_tcp_and_shown_cut(zone: DnsServer) -> None:
    zone.fresh(zone_with("- mail TXT"))
    zone.names.add(DOMAIN, "TXT", "v=spf1 " + "a" * 60_000)
    answer = Resolver(zone.address).ask(DOMAIN, "TXT")
    assert len(answer.values[0]) == 60_007
    assert len(answer.evidence) < 700


def test_aliases_in_a_circle_are_unknown_and_named(zone: DnsServer) -> None:
    zone.fresh("a.example CNAME b.example\nb.example CNAME a.example")
    answer = Resolver(zone.address).ask("a.example", "TXT")
    assert answer.found is Found.UNKNOWN
    assert "circle" in answer.why
    loop = "- mail\nmail CNAME loop\nloop CNAME mail"
    assert examine(zone, "D29", loop).mistake == "CNAME loop"
    assert examine(zone, "D05", loop).verdict == "unknown"


def test_a_long_chain_of_aliases_ends(zone: DnsServer) -> None:
    zone.fresh("\n".join(f"n{n}.example CNAME n{n + 1}.example" for n in range(40)))
    assert Resolver(zone.address).ask("n0.example", "A").found is not Found.RECORDS


def test_an_spf_bomb_stays_within_the_budget(zone: DnsServer) -> None:
    names = range(400)
    fan = "\n".join(
        f"b{n}.example TXT v=spf1 " + " ".join(f"include:b{(n * 9 + k) % 400}.example" for k in range(1, 10))
        for n in names
    )
    zone.fresh(f"{DOMAIN} TXT v=spf1 include:b0.example ~all\n{fan}")
    resolver = Resolver(zone.address, budget=Budget(queries=200), patience=(0.2,))
    check(subject(), resolver)
    assert len(zone.names.asked) <= 200


def test_the_budget_of_queries_ends_in_unknown(zone: DnsServer) -> None:
    zone.fresh(zone_with(""))
    found = check(subject(), Resolver(zone.address, budget=Budget(queries=5)))
    assert len(zone.names.asked) <= 5
    assert "fail" not in [one.finding.verdict for one in found if one.rule.id not in ("D01", "D31")]


def test_a_silent_server_ends_in_unknown_within_the_time(zone: DnsServer) -> None:
    zone.fresh("\n".join(f"{name} TIMEOUT" for name in _names()))
    began = time.monotonic()
    found = check(subject(), Resolver(zone.address, budget=Budget(seconds=1.0), patience=(0.2, 0.2)))
    assert time.monotonic() - began < 2.5
    assert "fail" not in [one.finding.verdict for one in found]


def _names() -> set[str]:
    lines = [line.split()[0] for line in zone_with("").splitlines()]
    return {*lines, *(f"_domainkey.{DOMAIN}", "example", "northlight.example")}


def test_nothing_but_the_named_server_is_asked(zone: DnsServer, desk: Desk, environ: dict[str, str]) -> None:
    zone.fresh(zone_with(""))
    address = f"127.0.0.1:{zone.port}"
    arguments = ["check-domain", DOMAIN, "--json", "--resolver", address]
    result = CliRunner().invoke(main, arguments, env=environ)
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["domain"] == DOMAIN
    assert [one["id"] for one in printed["results"]] == sorted(RULES)
    assert {"verdict", "evidence", "remedy", "records"} <= set(printed["results"][0])
    asked = {
        line.partition("[asked ")[2].partition(",")[0]
        for one in printed["results"]
        for line in one["evidence"]
    }
    assert asked <= {"", address}


def test_control_characters_of_a_zone_do_not_reach_the_terminal(zone: DnsServer) -> None:
    zone.fresh(zone_with("- mail TXT"))
    zone.names.add(DOMAIN, "TXT", b"v=spf1 \x1b[31mred\x07 -all")
    found = check(subject(), Resolver(zone.address, patience=(0.2,)))
    told = [*(one.finding.words for one in found), *(line for one in found for line in one.finding.evidence)]
    assert not any(char in line for line in told for char in "\x1b\x07")


def test_a_word_that_is_no_domain_is_refused(desk: Desk, environ: dict[str, str]) -> None:
    result = CliRunner().invoke(main, ["check-domain", "localhost"], env=environ)
    assert result.exit_code == 1
    assert "not the domain of an email address" in result.stderr
    assert CliRunner().invoke(main, ["check-domain", DOMAIN, "--resolver", "x"], env=environ).exit_code == 2
