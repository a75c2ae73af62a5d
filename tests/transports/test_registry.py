"""Where transports come from, and what becomes of broken ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from transports.registry import Registry, UnknownTransport

GOOD = """
from transports.checks import Check
from transports.contract import Capability, Delivery, Limits, Stage, Status, Transport
from transports.fields import Choice, Integer, Secret, Text, Toggle
from transports.hookspecs import hookimpl

class Pigeon(Transport):
    kind = "pigeon"
    label = "Pigeon"
    summary = "By carrier pigeon."
    fields = (Secret("key", "Key"),)

    def send_one(self, mail):
        return Delivery(mail.key, Status.ACCEPTED, Stage.API) if mail.leaving() else None

    def probe(self, sender):
        return []

@hookimpl
def register_transports():
    return [Pigeon]
"""


def adding(line: str) -> str:
    return GOOD.replace('label = "Pigeon"', f'label = "Pigeon"; {line}')


BROKEN = {
    "does not import": ("import nothing_of_that_name", "ModuleNotFoundError"),
    "ends the process": ("raise SystemExit(3)", "SystemExit"),
    "is no Python": ("def (", "SyntaxError"),
    "divides by zero": ("1 / 0", "line 1"),
    "announces nothing": (GOOD.replace("@hookimpl", ""), "no function is marked"),
    "misspells the hook": (GOOD.replace("def register_transports", "def register_transport"), "does not exist"),
    "gives the hook an argument": (GOOD.replace("register_transports():", "register_transports(app):"), "can't be registered"),
    "fails in the hook": (GOOD.replace("return [Pigeon]", "return [Pigeon, 1 / 0]"), "ZeroDivisionError"),
    "returns no list": (GOOD.replace("return [Pigeon]", "return Pigeon"), "TypeError"),
    "returns an empty list": (GOOD.replace("return [Pigeon]", "return []"), "announces no transport"),
    "announces something else": (GOOD.replace("return [Pigeon]", "return [dict]"), "no Transport class"),
    "announces an object": (GOOD.replace("return [Pigeon]", "return ['pigeon']"), "no Transport class"),
    "leaves out a method": (GOOD.replace("def probe", "def probes"), "leaves out: probe"),
    "cannot send": (GOOD.replace("def send_one", "def send_two"), "neither send_one() nor send()"),
    "gives a secret a default": (GOOD.replace('"Key")', '"Key", default="x")'), "has a default"),
    "declares a field twice": (GOOD.replace('"Key"),', '"Key"), Text("key", "K"),'), "declared twice"),
    "declares no fields": (GOOD.replace('(Secret("key", "Key"),)', '["key"]'), "no tuple"),
    "speaks another contract": (adding("contract = 2"), "contract 2"),
    "has no kind": (GOOD.replace('kind = "pigeon"', ""), "kind is None"),
    "has a strange kind": (GOOD.replace('kind = "pigeon"', 'kind = "Pigeon Post"'), "kind is 'Pigeon Post'"),
    "has no label": (GOOD.replace('label = "Pigeon"', ""), "no label"),
    "repeats a built-in kind": (GOOD.replace('kind = "pigeon"', 'kind = "folder"'), "already built in"),
    "takes other arguments": (GOOD.replace("def probe", "def __init__(self, host): ...\n    def probe"), "__init__"),
    "checks with an object": (GOOD.replace("def probe", "def check(self, settings): ...\n    def probe"), "needs an object"),
    "declares events it has not": (adding("capabilities = {Capability.EVENTS}"), "no events()"),
    "declares odd capabilities": (adding('capabilities = {"events"}'), "no set of Capability"),
    "declares no limits": (adding("limits = Limits(connections=0)"), "make no sense"),
}  # fmt: skip


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    (tmp_path / "pigeon.py").write_text(GOOD)
    return tmp_path


def discover(plugins: Path | None = None) -> Registry:
    return Registry.discover(plugins, entry_points=False)


def test_a_file_in_the_plugins_folder_is_a_transport(plugins: Path):
    registry = discover(plugins)
    assert registry.get("pigeon").label == "Pigeon"
    assert registry.source("pigeon") == "plugins/pigeon.py"


@pytest.mark.parametrize("what", BROKEN)
def test_a_plugin_is_refused_with_a_sentence_and_the_rest_goes_on_if_it(what: str, plugins: Path):
    text, reason = BROKEN[what]
    (plugins / "broken.py").write_text(
        text.replace('"pigeon"', '"broken"') if "already" not in reason else text
    )
    registry = discover(plugins)
    refusals = [refusal for refusal in registry.refused if refusal.source == "plugins/broken.py"]
    assert len(refusals) == 1
    assert reason in refusals[0].reason
    assert refusals[0].remedy.endswith(".")
    assert {"pigeon", "folder"} <= {transport.kind for transport in registry.kinds()}


def test_a_second_file_with_the_same_kind_is_refused(plugins: Path):
    (plugins / "zz_copy.py").write_text(GOOD)
    refusal = discover(plugins).refused[-1]
    assert refusal.source == "plugins/zz_copy.py"
    assert "already plugins/pigeon.py" in refusal.reason


def test_files_that_begin_with_an_underscore_are_not_plugins(plugins: Path):
    (plugins / "_parts.py").write_text("1 / 0")
    assert not [refusal for refusal in discover(plugins).refused if "_parts" in refusal.source]


def test_one_plugin_may_bring_several_transports(plugins: Path):
    more = GOOD.replace(
        "return [Pigeon]", "return [Pigeon, type('Owl', (Pigeon,), {'kind': 'owl', 'label': 'Owl'})]"
    )
    (plugins / "pigeon.py").write_text(more)
    assert {"pigeon", "owl"} <= {transport.kind for transport in discover(plugins).kinds()}


def test_relay_and_smtp_come_first_and_the_rest_by_label(plugins: Path):
    kinds = [transport.kind for transport in discover(plugins).kinds()]
    rest = [kind for kind in kinds if kind not in ("relay", "smtp")]
    assert kinds == [kind for kind in ("relay", "smtp") if kind in kinds] + rest
    labels = [discover(plugins).get(kind).label.lower() for kind in rest]
    assert labels == sorted(labels)


def test_an_unknown_kind_says_so():
    with pytest.raises(UnknownTransport, match="There is no transport of the kind “nope”"):
        discover().get("nope")


def test_a_plugin_that_fails_when_asked_is_unusable_not_fatal(plugins: Path):
    asked = "@classmethod\n    def unavailable(cls): 1 / 0\n    def probe"
    (plugins / "pigeon.py").write_text(GOOD.replace("def probe", asked))
    assert "ZeroDivisionError" in str(discover(plugins).unavailable("pigeon"))
    assert discover().unavailable("folder") is None


def test_two_registries_know_nothing_of_each_other(plugins: Path):
    discover(plugins)
    with pytest.raises(UnknownTransport):
        discover().get("pigeon")


def test_a_missing_plugins_folder_is_an_empty_one(tmp_path: Path):
    assert discover(tmp_path / "none").kinds()


def test_the_transports_need_nothing_of_the_host():
    """Not even Flask may be loaded by them."""
    look = (
        "import sys; from transports.registry import Registry; Registry.discover(None, entry_points=False); "
        "print([name for name in sys.modules if name.split('.')[0] in ('flask', 'webapp', 'sqlalchemy', 'pytest')])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
