"""What is exported is imported to the same state, and no spreadsheet takes a cell for a formula."""

import csv
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.affiliates.conftest import Network
from webapp.affiliates.details import FIELDS, tidy
from webapp.affiliates.exporting import export
from webapp.affiliates.kind import KIND
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.config import Config
from webapp.desk import Desk
from webapp.imports.cells import guarded, unguarded
from webapp.imports.importing import check, take_in
from webapp.imports.mapping import guess
from webapp.imports.plan import Importer
from webapp.imports.reading import open_table
from webapp.wiring import open_desk

NASTY = [
    "=1+1",
    "'=1+1",
    "''@x",
    "+46",
    "-1",
    "@SUM(A1)",
    "＝1",
    "'",
    '"',
    '""',
    'a"b;c,d|e\tf',
    "ÅÖ ﷽ 👩‍👩‍👧",
    "x" * 90,
]
texts = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
)
longer = st.one_of(texts, st.text(st.characters(exclude_categories=["Cs"]), max_size=200))


def exported(desk: Desk) -> str:
    with desk.reading() as session:
        return "".join(export(session))


def bring(desk: Desk, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_text(text, encoding="utf-8", newline="")
        table = open_table(path, KIND.columns)
        for batch in take_in(desk.session, table, guess(table.header, KIND.columns), KIND, Importer()):
            assert not batch.refused


def empty(desk: Desk) -> None:
    with desk.session() as session:
        session.execute(delete(Affiliate))
        session.execute(delete(AffiliateGroup))


@st.composite
def affiliates(draw: st.DrawFn) -> list[dict[str, str]]:
    rows = []
    for number in range(draw(st.integers(1, 4))):
        row = {
            "affiliate_id": draw(st.sampled_from(["", f"{number}", f"={number}", f"'-{number}"])),
            "email": f"P{number}@Example.com",
            "status": draw(st.sampled_from(["active", "pending", "paused", "closed"])),
            "country": draw(st.sampled_from(["", "SE", "HU"])),
            "language": draw(st.sampled_from(["", "en", "pt-BR"])),
            "group": draw(st.one_of(st.just("Solar"), texts)),
            "additional_data1": draw(longer),
            "additional_data2": draw(longer),
            "tags": draw(texts),
        }
        row |= {name: draw(texts) for name in ("first_name", "last_name", "company", "alt_id", "user_name")}
        cleaned, problems = tidy(row)
        rows.append({**dict.fromkeys(row, ""), "status": "active", **cleaned} if problems else cleaned)
    return rows


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(Config.from_environment({"OFFERPOST_HOME": str(tmp_path_factory.mktemp("round"))}))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=affiliates())
def test_an_export_brings_the_same_state_into_an_empty_network(
    fresh: Desk, rows: list[dict[str, str]]
) -> None:
    empty(fresh)
    with fresh.session() as session:
        groups: dict[str, AffiliateGroup] = {}
        for row in rows:
            name = row["group"]
            group = groups.setdefault(name.casefold(), AffiliateGroup(name=name)) if name else None
            values = {field: value for field, value in row.items() if field not in ("group", "affiliate_id")}
            number = row["affiliate_id"] or None
            session.add(Affiliate(affiliate_id=number, address=row["email"].lower(), group=group, **values))
    before = exported(fresh)
    bring(fresh, before)
    assert exported(fresh) == before
    empty(fresh)
    bring(fresh, before)
    assert exported(fresh) == before


def test_an_export_of_a_network_imports_as_all_the_same(desk: Desk, network: Network, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(exported(desk), newline="")
    table = open_table(path, KIND.columns)
    assert table.header == FIELDS
    assert check(desk.reading, table, guess(table.header, KIND.columns), KIND, Importer()).counts == {
        "rows": 5,
        "new": 0,
        "changed": 0,
        "same": 5,
        "refused": 0,
        "missing": 0,
    }


def test_every_cell_is_quoted_and_none_begins_like_a_formula(desk: Desk, network: Network) -> None:
    with desk.session() as session:
        for each, company in zip(
            session.scalars(select(Affiliate)), ["=1", "+1", "-1", "@x", "＝HYPERLINK"], strict=True
        ):
            each.company = company
    text = exported(desk)
    for line in text.splitlines():
        assert line.startswith('"')
        assert line.endswith('"')
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["company"] for row in rows] == ["'=1", "'+1", "'-1", "'@x", "'＝HYPERLINK"]


@given(st.text(st.sampled_from("'=+-@＝＋－＠\t\rab"), max_size=8))
def test_a_guard_comes_off_again(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def test_an_export_of_own_affiliates_holds_no_other(desk: Desk, network: Network) -> None:
    with desk.reading() as session:
        rows = list(csv.DictReader(StringIO("".join(export(session, own=network.mara.id)))))
    assert [row["affiliate_id"] for row in rows] == ["10002"]
