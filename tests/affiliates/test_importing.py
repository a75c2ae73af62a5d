"""What becomes of the rows of a file."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.affiliates.conftest import Network
from webapp.affiliates.kind import KIND
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.desk import Desk
from webapp.imports import importing
from webapp.imports.importing import Findings, check, take_in
from webapp.imports.mapping import guess
from webapp.imports.plan import Importer
from webapp.imports.reading import open_table
from webapp.mail.models import OutboxMail, Suppression

Bring = Callable[..., Findings]


@pytest.fixture
def bring(desk: Desk, tmp_path: Path) -> Bring:
    """Import a text, after checking that the check said the same."""

    def bring_in(text: str, importer: Importer | None = None) -> Findings:
        importer = importer or Importer()
        path = tmp_path / "file.csv"
        path.write_text(text, encoding="utf-8")
        table = open_table(path, KIND.columns)
        foreseen = check(desk.reading, table, guess(table.header, KIND.columns), KIND, importer)
        findings = Findings()
        for batch in take_in(desk.session, table, guess(table.header, KIND.columns), KIND, importer):
            findings.add(batch)
        findings.missing = foreseen.missing
        assert findings.counts == foreseen.counts
        assert findings.refusals == foreseen.refusals
        return findings

    return bring_in


def stored(desk: Desk, number: str | None) -> Affiliate:
    with desk.reading() as session:
        found = session.scalar(select(Affiliate).where(Affiliate.affiliate_id == number))
        assert found is not None
        _ = found.group, found.manager
        return found


def reasons(findings: Findings) -> dict[int, tuple[str, str]]:
    return {each.line: (each.field, each.reason) for each in findings.refusals}


def test_rows_are_added_changed_or_left_alone(desk: Desk, network: Network, bring: Bring) -> None:
    found = bring(
        "affiliate_id,email,first_name\n10001,new@example.com,Ana\n10002,Partner2@Example.com,Bo\n7,x@y.example,\n"
    )
    assert found.counts == {"rows": 3, "new": 1, "changed": 1, "same": 1, "refused": 0, "missing": 3}
    assert stored(desk, "10001").email == "new@example.com"
    assert [(each.field, each.before, each.after) for each in found.changes] == [
        ("email", "Partner1@Example.com", "new@example.com")
    ]


def test_columns_that_are_not_in_the_file_stay(desk: Desk, network: Network, bring: Bring) -> None:
    bring("affiliate_id,email,company\n10001,Partner1@Example.com,Brightpath\n")
    changed = stored(desk, "10001")
    assert (changed.company, changed.first_name, changed.group.name) == ("Brightpath", "Ana", "Solar")


def test_an_empty_cell_empties_the_field(desk: Desk, network: Network, bring: Bring) -> None:
    bring("affiliate_id,email,first_name,group,manager_email\n10001,Partner1@Example.com,,,\n")
    changed = stored(desk, "10001")
    assert (changed.first_name, changed.group, changed.manager) == ("", None, None)


def test_an_address_keeps_its_capitals_and_is_compared_without(
    desk: Desk, network: Network, bring: Bring
) -> None:
    bring("affiliate_id,email\n,Zoe@Example.COM\n")
    assert bring("email\nzoe@example.com\n").changed == 1
    with desk.reading() as session:
        assert session.scalars(select(Affiliate.address).where(Affiliate.affiliate_id.is_(None))).all() == [
            "zoe@example.com"
        ]


def test_a_stored_affiliate_without_id_is_found_by_address_and_gets_the_id(desk: Desk, bring: Bring) -> None:
    bring("email,company\nzoe@example.com,Zoe & Co\n")
    assert bring("email,affiliate_id\nZoe@example.com,77\n").changed == 1
    assert stored(desk, "77").company == "Zoe & Co"


def test_a_row_without_id_never_touches_an_affiliate_that_has_one(network: Network, bring: Bring) -> None:
    found = bring("email,company\npartner1@example.com,Stolen\n")
    assert found.refused == 1
    assert "10001" in reasons(found)[2][1]
    assert found.missing == 4


def test_groups_are_made_and_found_whatever_their_capitals(
    desk: Desk, network: Network, bring: Bring
) -> None:
    bring("affiliate_id,email,group\n1,a@b.example,Garden\n2,c@d.example,GARDEN\n3,e@f.example,solar\n")
    assert stored(desk, "1").group_id == stored(desk, "2").group_id
    assert stored(desk, "3").group_id == network.solar.id


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ("9,hello@@trailhead.example,,,", "email", "several @ signs"),
        ("9,,,,", "email", "needs one"),
        ("9,hello@local host,,,", "email", "like name@example.com"),
        ("9,a@b.example,nobody@northlight.example,,", "manager_email", "No user has this address"),
        ("9,a@b.example,,Engeland,", "country", "two letters such as GB"),
        ("9,a@b.example,,,sleeping", "status", "active, pending, paused or closed"),
        (f"{'9' * 61},a@b.example,,,", "affiliate_id", "Shorten it to 60"),
        ('"9\r\nBcc: x",a@b.example,,,', "affiliate_id", "line break"),
    ],
)
def test_a_bad_row_says_field_reason_and_remedy_and_nothing_else_is_lost(
    desk: Desk, network: Network, bring: Bring, cells: str, field: str, words: str
) -> None:
    found = bring(f"affiliate_id,email,manager_email,country,status\n{cells}\n8,good@b.example,,,\n")
    assert (found.new, found.refused) == (1, 1)
    assert reasons(found)[2][0] == field
    assert words in reasons(found)[2][1]
    assert stored(desk, "8").status == "active"


def test_countries_may_be_written_out(desk: Desk, bring: Bring) -> None:
    bring("affiliate_id,email,country\n1,a@b.example,Hungary\n2,c@d.example,uk\n")
    assert (stored(desk, "1").country, stored(desk, "2").country) == ("HU", "GB")


def test_what_stands_twice_in_the_file_is_told_with_the_first_line(bring: Bring) -> None:
    found = bring(
        "affiliate_id,email\n1,a@b.example\n1,c@d.example\n,e@f.example\n,E@f.example\n2,e@f.example\n3,a@b.example\n"
    )
    assert found.new == 3
    assert reasons(found) == {
        3: ("affiliate_id", "Line 2 has the same affiliate ID. Keep one of the two."),
        5: ("email", "Line 4 has the same address. Give each its affiliate ID, or keep one."),
        6: ("email", "Line 4 has the same address, without an affiliate ID. Keep one of the two."),
    }


def test_duplicates_are_found_across_batches(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    rows = "".join(f"{number},p{number}@b.example\n" for number in range(9))
    found = bring(f"affiliate_id,email\n{rows}0,again@b.example\n")
    assert (found.new, found.refused) == (9, 1)


def test_importing_again_finds_everything_the_same(network: Network, bring: Bring) -> None:
    text = 'affiliate_id,email,group,tags,country\n10001,q@r.example,New,"b, a",hu\n,z@y.example,New,,\n'
    assert bring(text).counts["new"] == 1
    again = bring(text)
    assert (again.new, again.changed, again.same) == (0, 0, 2)


def test_a_formula_guard_is_taken_off(desk: Desk, bring: Bring) -> None:
    bring("affiliate_id,email,company\n1,a@b.example,'=SUM(A1)\n2,c@d.example,'''Quoted'\n")
    assert stored(desk, "1").company == "=SUM(A1)"
    assert stored(desk, "2").company == "'''Quoted'"


def test_new_addresses_are_counted_and_the_old_ones_that_were_suppressed(
    desk: Desk, network: Network, bring: Bring, tmp_path: Path
) -> None:
    with desk.session() as session:
        session.add(Suppression(address="partner1@example.com", scope="all", reason="bounced"))
    path = tmp_path / "new.csv"
    path.write_text("affiliate_id,email\n10001,q@r.example\n10002,s@t.example\n")
    table = open_table(path, KIND.columns)
    found = check(desk.reading, table, guess(table.header, KIND.columns), KIND, Importer())
    assert found.remarks == {"new_addresses": 2, "suppressed_addresses": 1}


def test_who_may_only_edit_his_own_is_kept_from_the_others(
    desk: Desk, network: Network, bring: Bring
) -> None:
    text = "affiliate_id,email,company\n10001,Partner1@Example.com,Mine\n10002,x@y.example,Not mine\n9,n@n.example,N\n"
    found = bring(text, Importer(own=network.tom.id))
    assert (found.new, found.changed, found.refused) == (1, 1, 1)
    assert "may not change" in reasons(found)[3][1]
    assert stored(desk, "9").manager_id == network.tom.id
    assert stored(desk, "10001").manager_id == network.tom.id


def test_nobody_imports_for_another_manager_without_the_right(network: Network, bring: Bring) -> None:
    text = f"affiliate_id,email,manager_email\n9,n@n.example,{network.mara.email}\n"
    assert reasons(bring(text, Importer(own=network.tom.id)))[2][0] == "manager_email"


def test_who_may_not_add_only_changes(network: Network, bring: Bring) -> None:
    found = bring("affiliate_id,email\n10001,q@r.example\n9,n@n.example\n", Importer(may_add=False))
    assert (found.new, found.changed, found.refused) == (0, 1, 1)


def test_importing_mails_nobody(desk: Desk, network: Network, bring: Bring) -> None:
    bring("affiliate_id,email\n1,a@b.example\n")
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_a_column_that_holds_no_groups_does_not_make_thousands(desk: Desk, bring: Bring) -> None:
    rows = "".join(f"{number},p{number}@b.example,{number}\n" for number in range(1_003))
    found = bring(f"affiliate_id,email,group\n{rows}")
    assert found.refused == 3
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(AffiliateGroup)) == 1_000


def test_a_group_deleted_meanwhile_is_made_again(
    desk: Desk, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    path = tmp_path / "file.csv"
    path.write_text("affiliate_id,email,group\n1,a@b.example,Solar\n2,c@d.example,Solar\n")
    table = open_table(path, KIND.columns)
    batches = take_in(desk.session, table, guess(table.header, KIND.columns), KIND, Importer())
    next(batches)
    with desk.session() as session:
        session.delete(session.get_one(AffiliateGroup, network.solar.id))
    assert [len(batch.added) for batch in batches] == [1]
    assert stored(desk, "2").group.name == "Solar"


def test_rows_by_the_thousand_go_in_without_growing_memory(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = (f"{n},p{n}@b.example,Company {n},Group {n % 20}\n" for n in range(8_000))
    path.write_text("affiliate_id,email,company,group\n" + "".join(rows))
    table = open_table(path, KIND.columns)
    findings, kept = Findings(), []
    tracemalloc.start()
    try:
        for batch in take_in(desk.session, table, guess(table.header, KIND.columns), KIND, Importer()):
            findings.add(batch)
            kept.append(tracemalloc.get_traced_memory()[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert findings.new == 8_000
    assert peak < 12_000_000
    assert kept[-1] - kept[len(kept) // 4] < 1_000_000, kept  # 6,000 rows on
