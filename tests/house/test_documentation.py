"""The documentation says what the program does, or these fail."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "name",
    ["write_command_docs", "write_token_docs", "write_event_docs", "write_api_docs", "write_rule_docs"],
)
def test_a_page_that_is_made_from_the_program_is_what_the_program_says(name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text("utf-8") == script.document(), f"run: python scripts/{name}.py"


def test_every_setting_of_the_operator_is_explained() -> None:
    source = (ROOT / "webapp" / "config.py").read_text("utf-8")
    names = set(re.findall(r'source\.(?:text|url|integer)\("(\w+)"', source)) | {"home", "allow_hosts"}
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert {name for name in names if f"`OFFERPOST_{name.upper()}`" not in page} == set()
