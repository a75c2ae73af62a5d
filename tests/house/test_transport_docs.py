"""The guide for authors of transports names everything that they meet, and its code runs."""

import os
import re
import subprocess
import sys
from dataclasses import fields as members
from pathlib import Path

import pytest

from transports import errors, events, fields, net
from transports.contract import Capability, Limits, OutgoingMail, Stage, Status, Transport
from transports.registry import GROUP, HOOK, Registry
from transports.testing.suite import declared, delivered, discreet, failed
from transports.testing.suite import events as event_tests

GUIDE = Path(__file__).parents[2] / "docs" / "writing-a-transport.md"
TEXT = GUIDE.read_text()


def kinds_of(module: object, parent: type) -> list[str]:
    return sorted(
        name for name, one in vars(module).items() if isinstance(one, type) and issubclass(one, parent)
    )


FIELDS = [name for name in kinds_of(fields, fields.Field) if name != "Field"]
ERRORS = [
    *kinds_of(errors, errors.TransportError),
    "MaybeSent",
    *kinds_of(events, events.ForgedRequest),
    *kinds_of(net, net.Unreachable),
    *kinds_of(net, net.DestinationRefused),
]


@pytest.mark.parametrize(
    "name", [*FIELDS, *ERRORS, *Capability.__members__, *Status.__members__, *Stage.__members__, GROUP, HOOK]
)
def test_every_name_that_an_author_meets_is_in_the_guide(name: str):
    assert re.search(rf"\b{re.escape(name)}\b", TEXT), f"{GUIDE.name} does not name {name}"


@pytest.mark.parametrize("kind", FIELDS)
def test_every_property_of_a_field_is_in_the_guide(kind: str):
    for member in members(getattr(fields, kind)):
        assert re.search(rf"`{member.name}\b", TEXT), f"{GUIDE.name} does not name {member.name} of {kind}"


def test_every_part_of_the_class_is_in_the_guide():
    methods = [name for name in vars(Transport) if not name.startswith("_") and name != "refuse_unsupported"]
    parts = [*methods, *OutgoingMail.__annotations__, *(member.name for member in members(Limits))]
    missing = [name for name in parts if not re.search(rf"\b{name}\b", TEXT)]
    assert missing == []


def test_everything_that_a_harness_may_lack_is_in_the_guide():
    suites = (declared.Declared, delivered.Delivered, failed.Failed, discreet.Discreet, event_tests.Events)
    for need in {getattr(test, "needs", "") for suite in suites for test in vars(suite).values()} - {""}:
        assert f"`{need}`" in TEXT


def test_the_transport_of_the_guide_passes_the_tests_of_the_guide(tmp_path: Path):
    harness, transport = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "pigeon.py").write_text(transport)
    (tmp_path / "test_pigeon.py").write_text(harness)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{GUIDE.parents[1]}"}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "test_pigeon.py"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [transport.kind for transport in Registry.discover(tmp_path, entry_points=False).kinds()].count(
        "pigeon"
    ) == 1
