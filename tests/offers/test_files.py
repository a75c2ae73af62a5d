"""Offers and assignments from a file and into a file, by command and by page."""

import json
import tracemalloc
from io import BytesIO
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.browser import Person, heading, words
from tests.offers.conftest import Market
from tests.personas import MakePerson
from webapp.cli import main
from webapp.desk import Desk
from webapp.imports.importing import Findings, check, take_in
from webapp.imports.mapping import guess
from webapp.imports.plan import Importer
from webapp.imports.reading import open_table
from webapp.offers.exporting import ASSIGNMENT_COLUMNS, OFFER_COLUMNS, assignments, offers
from webapp.offers.kinds import ASSIGNMENTS, OFFERS
from webapp.offers.models import Assignment, Offer

DESIGNED_OFFERS = (
    "cid,name,title,description,payout,currency,type,category,status,start_date,end_date,tracking_url,"
    "special_instructions,from_lines,subject_lines,suppression_list_url"
)
DESIGNED_ASSIGNMENTS = "affiliate_id,cid,state,payout,tracking_url"
NAUGHTY = (
    '=HYPERLINK("x")',
    "+1",
    "-1",
    "@x",
    "'=1",
    "<script>alert(1)</script>",
    "[=Unknown=]",
    "Ω ﷽ 😍 \u202eevil",
    '","',
    "1;DROP TABLE offers",
)


def offerpost(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], env=environ)


def counts(environ: dict[str, str], what: str, path: Path, *options: str) -> dict[str, int]:
    done = offerpost(environ, what, "import", str(path), "--json", *options)
    assert done.exit_code == 0, done.stderr
    return dict(json.loads(done.stdout))


def written(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def stored(desk: Desk, cid: str) -> Offer:
    with desk.reading() as session:
        return session.scalars(select(Offer).where(Offer.cid == cid)).one()


def test_the_columns_are_those_that_scripts_rely_on() -> None:
    assert ",".join(OFFER_COLUMNS) == DESIGNED_OFFERS
    assert ",".join(ASSIGNMENT_COLUMNS) == DESIGNED_ASSIGNMENTS


def test_an_offer_comes_in_whole(environ: dict[str, str], desk: Desk, tmp_path: Path) -> None:
    row = '7,Solar,Solar US,"<p onclick=x>Hi</p><script>1</script>",24.5,eur,lead,Energy,live,2027-01-01,12/31/2027,'
    row += 'https://go.example/?a=[=Affiliate.ID=],,"A\nB",One,https://s.example/l\n'
    assert counts(environ, "offers", written(tmp_path, DESIGNED_OFFERS + "\n" + row))["new"] == 1
    offer = stored(desk, "7")
    assert (str(offer.payout), offer.currency, offer.type, offer.status) == (
        "24.5000",
        "EUR",
        "CPL",
        "active",
    )
    assert offer.description == "<p>Hi</p>"
    assert (str(offer.start_date), str(offer.end_date)) == ("2027-01-01", "2027-12-31")
    assert offer.from_lines == "A\nB"


REFUSED = [
    ("cid", "", "cid: No CID"),
    ("payout", "24,00", "is no payout"),
    ("payout", "NaN", "is no payout"),
    ("payout", "1.23456", "at most four decimals"),
    ("currency", "XXX", "ISO 4217"),
    ("status", "maybe", "is no status"),
    ("end_date", "soon", "YYYY-MM-DD"),
    ("end_date", "2020-01-01", "before it starts"),
    ("tracking_url", "javascript:alert(1)", "is no web address"),
    ("tracking_url", "https://[=Affiliate.ID=].example/", "Put it behind the first"),
    ("tracking_url", "[=Affiliate.ID=]", "Put it behind the first"),
    ("tracking_url", "https://x.example/[=Affiliate.Email=]", "can't stand in the tracking URL"),
    ("tracking_url", "https://x.example/\r\nBcc: x", "line break"),
    ("suppression_list_url", "https://x.example/[=CID=]", "no tokens"),
    ("name", "a\rb", "line break"),
]


def test_what_can_not_be_taken_is_named_and_stays_out(
    environ: dict[str, str], desk: Desk, tmp_path: Path
) -> None:
    columns = (
        "cid",
        "name",
        "start_date",
        "payout",
        "currency",
        "status",
        "end_date",
        "tracking_url",
        "suppression_list_url",
    )
    rows = [
        {"cid": str(number), "name": "Nine", "start_date": "2026-01-01", column: value}
        for number, (column, value, _) in enumerate(REFUSED)
    ]
    text = "".join(
        ",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in columns) + "\r\n"
        for row in rows
    )
    done = offerpost(environ, "offers", "import", str(written(tmp_path, ",".join(columns) + "\r\n" + text)))
    assert f"{len(REFUSED)} refused" in done.stdout
    told = done.stderr.splitlines()
    assert len(told) == len(REFUSED)
    for (_, _, reason), line in zip(REFUSED, told, strict=True):
        assert reason in line
    with desk.reading() as session:
        assert not session.scalars(select(Offer)).all()


def test_an_assignment_changes_only_what_differs(
    environ: dict[str, str], desk: Desk, market: Market, tmp_path: Path
) -> None:
    text = f"{DESIGNED_ASSIGNMENTS}\n1,3071,approved,26,\n2,3071,approved,30.50,https://own.example/bo\n3,4000,,,\n"
    file = written(tmp_path, text + "9,3071,,,\n1,nope,,,\n")
    before = counts(environ, "assignments", file, "--dry-run")
    found = counts(environ, "assignments", file)
    for result in (before, found):
        assert (result["new"], result["changed"], result["same"], result["refused"]) == (1, 1, 1, 2)
    with desk.reading() as session:
        assert str(session.get_one(Assignment, (market.solar.id, market.plain.id)).payout) == "26.0000"
        assert session.get_one(Assignment, (market.travel.id, market.waiting.id)).state == "approved"


def test_an_export_imports_as_all_the_same_and_into_an_empty_network(
    environ: dict[str, str], desk: Desk, market: Market, tmp_path: Path
) -> None:
    with desk.session() as session:
        for number, text in enumerate(NAUGHTY):
            offer = Offer(cid=f"{text}{number}", name=text, title=text, category=text, from_lines=text)
            session.add(offer)
    for what, pieces, kind in (("offers", offers, OFFERS), ("assignments", assignments, ASSIGNMENTS)):
        with desk.reading() as session:
            text = "".join(pieces(session, everything=True))
        assert all(not cell.startswith(("=", "+", "-", "@")) for cell in text.strip('"').split('","'))
        found = counts(environ, what, written(tmp_path, text))
        assert (found["new"], found["changed"], found["refused"]) == (0, 0, 0)
        with desk.session() as session:
            session.execute(kind_table(kind).delete())
        assert counts(environ, what, tmp_path / "file.csv")["refused"] == 0
        with desk.reading() as session:
            assert "".join(pieces(session, everything=True)) == text
        if what == "offers":
            return_assignments(desk, market)


def kind_table(kind: object) -> object:
    return Offer.__table__ if kind is OFFERS else Assignment.__table__


def return_assignments(desk: Desk, market: Market) -> None:
    solar = stored(desk, "3071")
    with desk.session() as session:
        session.add(
            Assignment(
                offer_id=solar.id, affiliate_id=market.plain.id, state="denied", tracking_url="", cap=5
            )
        )


def test_memory_stays_flat_however_many_assignments(desk: Desk, market: Market, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        lines = (f"1,3071,approved,{number % 90},\n" for number in range(count))
        table = open_table(
            written(tmp_path, DESIGNED_ASSIGNMENTS + "\n" + "".join(lines)), ASSIGNMENTS.columns
        )
        tracemalloc.start()
        check(desk.reading, table, guess(table.header, ASSIGNMENTS.columns), ASSIGNMENTS, Importer())
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    peak(500)
    assert peak(3_000) < 1.3 * peak(1_000)


def test_a_campaign_manager_imports_own_offers_only(desk: Desk, market: Market, tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "cid,name\n3071,Mine\n4000,Theirs\n5,New\n"), OFFERS.columns)
    findings = Findings()
    for batch in take_in(
        desk.session, table, guess(table.header, OFFERS.columns), OFFERS, Importer(own=market.cleo.id)
    ):
        findings.add(batch)
    assert (findings.new, findings.changed, findings.refused) == (1, 1, 1)
    assert stored(desk, "4000").name == "Secret Travel"
    assert stored(desk, "5").manager_id == market.cleo.id


def test_the_pages_take_a_file_of_offers_and_of_assignments_in(
    owner: Person, desk: Desk, market: Market
) -> None:
    for what, text, columns, effect in (
        ("offers", "cid,name\n12,Twelve\n", {"cid": "0", "name": "1"}, "Import 1 offer"),
        (
            "assignments",
            "affiliate_id,cid\n1,4000\n",
            {"affiliate_id": "0", "cid": "1"},
            "Import 1 assignment",
        ),
    ):
        page = owner.post(f"/{what}/import", [("file", (BytesIO(text.encode()), "x.csv"))], follow=True)
        assert heading(page) == "Which column is what?"
        path = page.request.path.removesuffix("/columns")
        page = owner.post(f"{path}/columns", columns, follow=True)
        assert effect in words(page)
        owner.post(f"{path}/start")
        desk.jobs.run_pending()
        assert heading(owner.get(path)) == "1 new and 0 changed"
    assert stored(desk, "12").name == "Twelve"


def test_a_run_of_one_list_is_no_run_of_another(owner: Person, desk: Desk, market: Market) -> None:
    page = owner.post("/offers/import", [("file", (BytesIO(b"cid,name\n1,x\n"), "x.csv"))], follow=True)
    number = page.request.path.split("/")[3]
    assert owner.get(f"/assignments/import/{number}").status_code == 404
    assert owner.get(f"/affiliates/import/{number}").status_code == 404


def test_a_page_export_needs_a_right_to_the_offers(person: MakePerson, market: Market) -> None:
    assert person("import_and_export").get("/offers/export").status_code == 403
    answer = person("import_and_export", "edit_all_offers").get("/offers/export")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert '"Solar US"' in answer.get_data(as_text=True)
