"""The unit files and the compose file name commands, options and variables that exist."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from webapp.cli import main

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "deploy"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".service", ".timer"))
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())


def commands() -> Iterator[str]:
    """Every call of `offerpost` in these files."""
    for unit in UNITS:
        yield from re.findall(r"^ExecStart=.*?bin/(offerpost .+?)'?$", unit.read_text(), re.MULTILINE)
    yield from (one["command"] for one in COMPOSE["services"].values() if one["image"] == "offerpost")


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_is_one_that_exists(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_context(name, arguments)


def test_the_variables_are_those_of_the_operator() -> None:
    known = set(re.findall(r"OFFERPOST_[A-Z_]+", (ROOT / "docs" / "operating.md").read_text()))
    for path in FOLDER.iterdir():
        assert set(re.findall(r"OFFERPOST_[A-Z_]+", path.read_text())) <= known, path.name


def test_every_file_is_named_in_the_documentation() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    assert [path.name for path in FOLDER.iterdir() if f"deploy/{path.name}" not in page] == []


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "offerpost"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text().replace("/opt/offerpost/bin/offerpost", str(program))
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "offerpost" in line]
    assert ours == []
