"""The command line answers a broken installation with a sentence, never with a traceback."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main


def offerpost(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environ)


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    return result.output


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    environ = {
        "OFFERPOST_HOME": str(tmp_path),
        "OFFERPOST_DATABASE_URL": "postgresql://127.0.0.1:1/offerpost",
    }
    assert "The database can't be used" in refusal(offerpost("settings", "show", **environ))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "offerpost.db").write_text("no database at all, but long enough to look like one" * 9)
    assert "file is not a database" in refusal(offerpost("settings", "show", OFFERPOST_HOME=str(tmp_path)))


def test_a_kind_of_database_that_we_do_not_know_is_refused(tmp_path: Path) -> None:
    environ = {"OFFERPOST_HOME": str(tmp_path), "OFFERPOST_DATABASE_URL": "oddbase://somewhere/x"}
    assert "OFFERPOST_DATABASE_URL" in refusal(offerpost("settings", "show", **environ))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = str(tmp_path / "file" / "instance")
    assert home in refusal(offerpost("settings", "show", OFFERPOST_HOME=home))


@pytest.mark.parametrize("arguments", [("nonsense",), ("settings", "fly"), ("serve", "--port", "many")])
def test_wrong_usage_ends_with_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert offerpost(*arguments, OFFERPOST_HOME=str(tmp_path)).exit_code == 2
