"""`offerpost affiliates`, as people and cron call it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from webapp.affiliates.models import Affiliate
from webapp.cli import main
from webapp.desk import Desk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "affiliates.csv"
    path.write_text("affiliate_id,email,company\n1,a@b.example,=1\n2,bad,x\n", encoding="utf-8")
    return path


def offerpost(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["affiliates", *arguments], env=environ)


def addresses(desk: Desk) -> list[str]:
    with desk.reading() as session:
        return list(session.scalars(select(Affiliate.address)))


def test_rows_go_in_and_the_others_are_told_on_stderr(
    environ: dict[str, str], desk: Desk, file: Path
) -> None:
    done = offerpost(environ, "import", str(file))
    assert done.exit_code == 0
    assert done.stdout == "2 rows: 1 new, 0 changed, 0 the same, 1 refused.\n"
    assert done.stderr == "line 3: email: There is no @ sign. Write one address like name@example.com.\n"
    assert addresses(desk) == ["a@b.example"]


def test_a_dry_run_changes_nothing_and_says_it_in_json(
    environ: dict[str, str], desk: Desk, file: Path
) -> None:
    done = offerpost(environ, "import", str(file), "--dry-run", "--json")
    counts = {"rows": 2, "new": 1, "changed": 0, "same": 0, "refused": 1, "missing": 0}
    assert json.loads(done.stdout) == {"dry_run": True, **counts}
    assert addresses(desk) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), (b"", "empty"), (b"company\nx\n", "holds the e-mail address")],
)
def test_a_file_that_can_not_be_read_ends_with_one(
    environ: dict[str, str], tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "other.csv"
    if content is not None:
        path.write_bytes(content)
    done = offerpost(environ, "import", str(path))
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_goes_to_a_file_or_to_stdout(environ: dict[str, str], tmp_path: Path, file: Path) -> None:
    offerpost(environ, "import", str(file))
    target = tmp_path / "out.csv"
    assert offerpost(environ, "export", str(target)).exit_code == 0
    shown = offerpost(environ, "export", "-").stdout
    assert '"1","a@b.example","","","\'=1"' in shown
    assert target.read_bytes().decode() == shown.replace("\n", "\r\n").replace("\r\r", "\r")
    again = offerpost(environ, "import", str(target), "--json")
    assert json.loads(again.stdout)["same"] == 1


def test_a_place_that_can_not_be_written_is_wrong_usage(environ: dict[str, str], tmp_path: Path) -> None:
    assert offerpost(environ, "export", str(tmp_path / "no" / "folder.csv")).exit_code == 2
