"""A file by the pages: upload, columns, check, import; and what happens when something stops it."""

import re
from io import BytesIO

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.affiliates.conftest import Network
from tests.browser import Person, heading, words
from tests.personas import MakePerson
from webapp.accounts.models import User
from webapp.affiliates.details import FIELDS
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.imports import importing, jobs, progress, runs
from webapp.imports.models import ImportRun

FILE = "Number;E-mail;Company\n10001;Partner1@Example.com;Brightpath\n9;new@example.com;Nine\n8;bad@@example.com;Eight\n"
COLUMNS = {**dict.fromkeys(FIELDS, ""), "email": "1", "affiliate_id": "0", "company": "2"}


def upload(person: Person, text: str = FILE, name: str = "november.csv") -> TestResponse:
    return person.post("/affiliates/import", [("file", (BytesIO(text.encode()), name))], follow=True)


def key_of(page: TestResponse) -> int:
    return int(re.search(r"/affiliates/import/(\d+)", page.request.path)[1])  # type: ignore[index]


def checked(person: Person, text: str = FILE) -> int:
    key = key_of(upload(person, text))
    person.post(f"/affiliates/import/{key}/columns", COLUMNS)
    return key


def run(desk: Desk, key: int) -> ImportRun:
    with desk.reading() as session:
        return session.get_one(ImportRun, key)


def numbers(desk: Desk) -> set[str | None]:
    with desk.reading() as session:
        return set(session.scalars(select(Affiliate.affiliate_id)))


def test_a_file_is_uploaded_mapped_checked_and_imported(owner: Person, desk: Desk, network: Network) -> None:
    page = upload(owner)
    assert heading(page) == "Which column is what?"
    assert "read as UTF-8 with semicolons" in words(page)
    key = key_of(page)
    page = owner.post(f"/affiliates/import/{key}/columns", COLUMNS, follow=True)
    assert heading(page) == "What this file would change"
    for sign in ("Import 2 affiliates", "Brightpath", "several @ signs", "1 new and 1 changed"):
        assert sign in words(page)
    assert "9" not in numbers(desk)
    page = owner.post(f"/affiliates/import/{key}/start", follow=True)
    assert heading(page) == "Importing november.csv"
    desk.jobs.run_pending()
    page = owner.get(f"/affiliates/import/{key}")
    assert heading(page) == "1 new and 1 changed"
    assert "Nobody was mailed" in words(page)
    assert "9" in numbers(desk)


def test_the_rows_that_stay_out_are_downloaded_as_csv(owner: Person, desk: Desk, network: Network) -> None:
    key = checked(owner)
    path = f"/affiliates/import/{key}/refused.csv"
    assert '"4","email","bad@@example.com"' in owner.get(path).get_data(as_text=True)
    owner.post(f"/affiliates/import/{key}/start")
    desk.jobs.run_pending()
    answer = owner.get(path)
    assert answer.get_data(as_text=True).count("\r\n") == 2
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_choice_of_columns_is_remembered_for_the_same_header(
    owner: Person, desk: Desk, network: Network
) -> None:
    key = checked(owner, "A;B;C\n1;x@y.example;z\n")
    again = key_of(upload(owner, "a;b;c\n2;y@y.example;z\n"))
    assert (
        run(desk, again).mapping == run(desk, again).mapping == {"email": 1, "affiliate_id": 0, "company": 2}
    )
    assert again != key


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"email": ""}, "No column holds the e-mail address"),
        ({"company": "1"}, "Use each column once"),
    ],
)
def test_columns_that_can_not_be_are_refused(
    owner: Person, network: Network, columns: dict[str, str], said: str
) -> None:
    key = key_of(upload(owner))
    assert said in words(owner.post(f"/affiliates/import/{key}/columns", COLUMNS | columns))


def test_a_column_that_is_not_there_is_refused(owner: Person, network: Network) -> None:
    key = key_of(upload(owner))
    page = owner.post(f"/affiliates/import/{key}/columns", COLUMNS | {"email": "999"})
    assert "The file has no such column" in words(page)


@pytest.mark.parametrize(("text", "said"), [("", "The file is empty"), ("PK\x03\x04", "Save it as CSV")])
def test_a_file_that_can_not_be_read_is_refused_and_not_kept(
    owner: Person, desk: Desk, text: str, said: str
) -> None:
    assert said in words(upload(owner, text))
    assert list(desk.config.spool.glob("import-*")) == []


def test_no_file_is_refused(owner: Person) -> None:
    assert "Choose the file" in words(owner.post("/affiliates/import", {}))


def test_a_name_with_a_path_is_only_a_name(owner: Person, desk: Desk) -> None:
    key = key_of(upload(owner, name="../../etc/passwd<b>.csv"))
    kept = run(desk, key)
    assert (desk.config.spool / kept.spool_name).exists()
    assert (desk.config.spool / kept.spool_name).stat().st_mode & 0o777 == 0o600


def test_a_large_file_is_checked_beside_the_pages(
    owner: Person, desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SMALL", 10)
    key = checked(owner)
    page = owner.get(f"/affiliates/import/{key}")
    assert heading(page) == "Checking november.csv"
    assert "Look again" in words(page)
    desk.jobs.run_pending()
    assert heading(owner.get(f"/affiliates/import/{key}")) == "What this file would change"
    assert (
        owner.get(f"/affiliates/import/{key}", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    )


def test_another_import_waits_for_the_one_under_way(owner: Person, desk: Desk, network: Network) -> None:
    key = checked(owner)
    owner.post(f"/affiliates/import/{key}/start")
    assert "still under way" in words(upload(owner))
    desk.jobs.run_pending()
    assert heading(upload(owner)) == "Which column is what?"


def test_an_import_is_started_once(owner: Person, network: Network) -> None:
    key = checked(owner)
    owner.post(f"/affiliates/import/{key}/start")
    assert owner.post(f"/affiliates/import/{key}/start").status_code == 409


def test_nobody_sees_the_import_of_somebody_else(owner: Person, person: MakePerson, network: Network) -> None:
    key = checked(owner)
    other = person("import_and_export", "view_affiliate_details", "edit_all")
    for path in ("", "/columns", "/refused.csv"):
        assert other.get(f"/affiliates/import/{key}{path}").status_code == 404
    assert other.post(f"/affiliates/import/{key}/start").status_code == 404


def test_a_file_changes_no_more_than_its_owner_may_by_hand(
    person: MakePerson, desk: Desk, network: Network
) -> None:
    manager = person("import_and_export", "view_affiliate_details", "edit_assigned")
    page = words(manager.get(f"/affiliates/import/{checked(manager)}"))
    assert "may not change this affiliate" in page
    assert "needs the right “create affiliates”" in page
    assert "Nothing to import" in page


def many(count: int) -> str:
    return "Number;E-mail;Company\n" + "".join(f"{n};p{n}@b.example;C\n" for n in range(count))


def test_a_killed_import_goes_on_where_it_was(
    owner: Person, desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    key = checked(owner, many(35) + "0;again@b.example;C\n")
    owner.post(f"/affiliates/import/{key}/start")
    desk.jobs.stopping.set()
    desk.jobs.run_pending()
    desk.jobs.stopping.clear()
    assert (run(desk, key).state, run(desk, key).done_rows) == ("importing", 10)
    assert "10 of 36 rows" in words(owner.get(f"/affiliates/import/{key}"))
    jobs.sweep(desk)
    desk.jobs.run_pending()
    done = run(desk, key)
    assert done.state == "done"
    assert {name: done.found["result"][name] for name in ("rows", "new", "same", "refused")} == {
        "rows": 36,
        "new": 35,
        "same": 0,
        "refused": 1,
    }
    assert "Line 2 has the same affiliate ID" in owner.get(f"/affiliates/import/{key}/refused.csv").get_data(
        as_text=True
    )


def test_two_that_carry_the_same_import_on_count_nothing_twice(
    owner: Person, desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    key = checked(owner, many(25))
    owner.post(f"/affiliates/import/{key}/start")
    take_in = progress.take_in

    def overtaken(*arguments: object, **more: object) -> object:
        monkeypatch.setattr(progress, "take_in", take_in)
        progress.import_run(desk, key)
        return take_in(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "take_in", overtaken)
    progress.import_run(desk, key)
    done = run(desk, key)
    assert (done.state, done.found["result"]["new"], done.done_rows) == ("done", 25, 25)


def test_an_import_whose_file_is_gone_says_so(owner: Person, desk: Desk, network: Network) -> None:
    key = checked(owner)
    (desk.config.spool / run(desk, key).spool_name).unlink()
    owner.post(f"/affiliates/import/{key}/start")
    desk.jobs.run_pending()
    page = owner.get(f"/affiliates/import/{key}")
    assert heading(page) == "The import stopped"
    assert "Upload it again" in words(page)


def test_an_import_that_stopped_can_go_on(
    owner: Person, desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = checked(owner)
    owner.post(f"/affiliates/import/{key}/start")

    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(progress, "take_in", full)
        desk.jobs.run_pending()
    assert "A fault of ours stopped it" in words(owner.get(f"/affiliates/import/{key}"))
    owner.post(f"/affiliates/import/{key}/start")
    desk.jobs.run_pending()
    assert run(desk, key).state == "done"


def test_a_right_taken_away_stops_the_import(owner: Person, desk: Desk, network: Network) -> None:
    key = checked(owner)
    owner.post(f"/affiliates/import/{key}/start")
    with desk.session() as session:
        session.get_one(User, owner.user.id).rights = []  # type: ignore[union-attr]
    desk.jobs.run_pending()
    assert run(desk, key).state == "failed"
    assert "9" not in numbers(desk)


def test_files_past_their_time_are_deleted(owner: Person, desk: Desk, network: Network) -> None:
    key = checked(owner)
    jobs.tidy(desk)
    assert len(list(desk.config.spool.glob("import-*"))) == 2
    with desk.session() as session:
        session.delete(session.get_one(ImportRun, key))
    jobs.tidy(desk)
    assert list(desk.config.spool.glob("import-*")) == []


def test_an_export_is_a_file_that_no_browser_opens(owner: Person, network: Network) -> None:
    answer = owner.get("/affiliates/export")
    assert answer.mimetype == "text/csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.get_data(as_text=True).count("\r\n") == 6


def test_an_export_needs_the_right_to_see_details(person: MakePerson, network: Network) -> None:
    assert person("import_and_export").get("/affiliates/export").status_code == 403
    own = person("import_and_export", "view_affiliate_details").get("/affiliates/export")
    assert own.get_data(as_text=True).count("\r\n") == 1
