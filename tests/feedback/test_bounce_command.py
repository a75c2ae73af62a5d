"""`offerpost bounce ingest`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.feedback.returned import failed, fields, report
from webapp.cli import main

RAW = report(fields(failed("dana@a.example.com", "5.1.1", "550 5.1.1 unknown")))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFERPOST_HOME", str(tmp_path / "instance"))


def test_a_mail_on_standard_input_is_understood(home: None) -> None:
    result = CliRunner().invoke(main, ["bounce", "ingest", "--json"], input=RAW)
    assert json.loads(result.stdout) == [
        {
            "file": "-",
            "kind": "bounce",
            "recipients": [
                {
                    "address": "dana@a.example.com",
                    "class": "hard",
                    "status": "5.1.1",
                    "reply": "550 5.1.1 unknown",
                }
            ],
            "matched": False,
        }
    ]


def test_each_mail_of_a_mailbox_file_is_told(home: None, tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(
        b"From a Thu Jan  1 00:00:00 2026\n" + RAW + b"\n\nFrom b Thu Jan  1 00:00:00 2026\n" + RAW
    )
    result = CliRunner().invoke(main, ["bounce", "ingest", str(box)])
    assert result.stdout.count("dana@a.example.com  hard  5.1.1") == 2


def test_a_file_that_is_not_there_is_refused_with_a_sentence(home: None, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["bounce", "ingest", str(tmp_path / "none")])
    assert (result.exit_code, "Check the path" in result.stderr) == (1, True)
