"""The documentation says what the program does, or these fail."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location(
        "write_command_docs", ROOT / "scripts" / "write_command_docs.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text("utf-8") == script.document(), "run: python scripts/write_command_docs.py"


def test_every_setting_of_the_operator_is_explained() -> None:
    source = (ROOT / "webapp" / "config.py").read_text("utf-8")
    names = set(re.findall(r'source\.(?:text|url|integer)\("(\w+)"', source)) | {"home", "allow_hosts"}
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert {name for name in names if f"`OFFERPOST_{name.upper()}`" not in page} == set()
