"""`offerpost bounce ingest` and `offerpost bounce explain`."""

import json
import subprocess
import sys
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


def test_explaining_prints_a_line_for_each_mail_of_a_folder_and_keeps_nothing(
    home: None, tmp_path: Path
) -> None:
    for name in ("cur/1", "new/2", "tmp/unfinished", ".notes"):
        (tmp_path / "box" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "box" / name).write_bytes(RAW)
    result = CliRunner().invoke(main, ["bounce", "explain", "--json", str(tmp_path / "box")])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(Path(one["file"]).name, one["kind"]) for one in lines] == [("1", "bounce"), ("2", "bounce")]
    assert lines[0]["recipients"] == [
        {
            "address": "dana@a.example.com",
            "class": "hard",
            "status": "5.1.1",
            "reply": "550 5.1.1 unknown",
            "reason": "no_such_address",
        }
    ]
    assert not (tmp_path / "instance").exists()


def test_explaining_reads_standard_input_and_speaks_to_people(home: None) -> None:
    result = CliRunner().invoke(main, ["bounce", "explain"], input=RAW)
    assert result.stdout.splitlines() == [
        "-: bounce.",
        "  dana@a.example.com  hard  5.1.1  550 5.1.1 unknown",
    ]


def test_a_reader_that_has_seen_enough_gets_no_complaint(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(RAW)
    command = [sys.executable, "-m", "webapp.cli", "bounce", "explain", str(tmp_path / "mail")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
