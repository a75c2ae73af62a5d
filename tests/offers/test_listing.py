"""The JSON of the model product's affiliate listing, as it is."""

import json
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.browser import Person, heading, words
from tests.personas import MakePerson, make_user
from webapp.affiliates.models import Affiliate
from webapp.cli import main
from webapp.desk import Desk
from webapp.offers.listing import split
from webapp.offers.models import Assignment, Offer

SOLAR = {
    "CampaignId": 11, "CampaignName": "Solar", "Category": "Energy", "Group": "EU", "CampaignStatus": "Active",
    "CampaignType": "CPL", "ExpirationDate": "2027-05-01T00:00:00", "CampaignManagers": [],
}  # fmt: skip
LISTING: list[dict[str, Any]] = [
    {
        "AffiliateId": 7, "PartnerId": None, "AffiliateName": "=Bright, Ltd", "AltId": "x-1", "Groups": ["Gold"],
        "PrimaryManager": "Tom Okafor", "IsSuspended": False, "FirstName": "Ana", "LastName": "Bø",
        "Address1": "1 Main", "City": "Malmö", "Country": "Sweden", "Email": "Ana@Example.com", "Phone": None,
        "TaxDocDate": None, "SignupDate": "2020-01-01T00:00:00", "LastLoginDate": None,
        "Campaigns": [SOLAR, {"CampaignId": "C-12", "CampaignStatus": "Odd", "ExpirationDate": "/Date(1798675200000)/"}],
    },
    {"AffiliateId": 8, "Email": "bo@example.com", "IsSuspended": True, "Campaigns": [{**SOLAR, "CampaignName": "Other"}]},
]  # fmt: skip


def bring(environ: dict[str, str], folder: Path, told: object, *options: str) -> Result:
    path = folder / "listing.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return CliRunner().invoke(main, ["affiliates", "import", str(path), *options], env=environ)


@pytest.mark.parametrize("told", [LISTING, {"Data": {"Affiliates": LISTING}, "Total": 2}])
def test_affiliates_offers_and_who_runs_them_come_in(
    environ: dict[str, str], desk: Desk, tmp_path: Path, told: object
) -> None:
    tom = make_user(desk, "tom@desk.example.com", first_name="Tom", last_name="Okafor")
    foreseen = json.loads(bring(environ, tmp_path, told, "--dry-run", "--json").stdout)
    done = json.loads(bring(environ, tmp_path, told, "--json").stdout)
    for found in (foreseen, done):
        assert (found["new"], found["offers"]["new"], found["assignments"]["new"]) == (2, 2, 3)
        assert (found["refused"], found["offers"]["refused"], found["assignments"]["refused"]) == (0, 0, 0)
    with desk.reading() as session:
        ana = session.scalars(select(Affiliate).where(Affiliate.affiliate_id == "7")).one()
        assert (ana.email, ana.company, ana.country) == ("Ana@Example.com", "=Bright, Ltd", "SE")
        assert (ana.group.name, ana.manager_id, ana.status) == ("Gold", tom.id, "active")  # type: ignore[union-attr]
        assert (
            session.scalars(select(Affiliate.status).where(Affiliate.affiliate_id == "8")).one() == "paused"
        )
        solar, odd = session.scalars(select(Offer).order_by(Offer.id))
        assert (solar.name, solar.type, solar.category, str(solar.end_date)) == (
            "Solar",
            "CPL",
            "Energy",
            "2027-05-01",
        )
        assert (odd.cid, odd.name, odd.status, str(odd.end_date)) == (
            "C-12",
            "Campaign C-12",
            "active",
            "2026-12-31",
        )
        assert {one.state for one in session.scalars(select(Assignment))} == {"approved"}
    again = json.loads(bring(environ, tmp_path, told, "--json").stdout)
    assert (again["same"], again["offers"]["same"], again["assignments"]["same"]) == (2, 2, 3)


def test_a_manager_who_is_no_user_here_empties_nothing(
    environ: dict[str, str], desk: Desk, tmp_path: Path
) -> None:
    tom = make_user(desk, "tom@desk.example.com", first_name="Tom")
    bring(environ, tmp_path, LISTING)
    with desk.session() as session:
        session.scalars(select(Affiliate).where(Affiliate.affiliate_id == "7")).one().manager_id = tom.id
    assert "Some managers of affiliates are no users here" in bring(environ, tmp_path, LISTING).stderr
    with desk.reading() as session:
        assert (
            session.scalars(select(Affiliate.manager_id).where(Affiliate.affiliate_id == "7")).one() == tom.id
        )


def test_broken_json_is_refused_with_a_sentence(environ: dict[str, str], desk: Desk, tmp_path: Path) -> None:
    for told, reason in (
        ('[{"AffiliateId": 7, "Email"', "can’t be read"),
        ("[]", "holds no affiliates"),
        ('{"Message": "denied"}', "holds no affiliates"),
        ("[" * 5_000, "can’t be read"),
    ):
        done = bring(environ, tmp_path, told)
        assert done.exit_code == 1
        assert reason in done.stderr


def test_memory_stays_flat_however_long_the_listing(desk: Desk, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / "long.json"
        one = {**LISTING[0], "Campaigns": [SOLAR] * 20}
        path.write_text(json.dumps([{**one, "AffiliateId": number} for number in range(count)]))
        with desk.reading() as session:
            tracemalloc.start()
            split(session, path, tmp_path)
            high = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return high

    peak(10)
    assert peak(400) < 1.5 * peak(100)


def test_the_pages_lead_from_one_list_of_the_file_to_the_next(owner: Person, desk: Desk) -> None:
    content = BytesIO(json.dumps(LISTING).encode())
    page = owner.post("/affiliates/import", [("file", (content, "l.json"))], follow=True)
    for what, then in (("affiliates", "offers"), ("offers", "assignments"), ("assignments", "")):
        assert heading(page) == "Which column is what?"
        path = page.request.path.removesuffix("/columns")
        assert path.startswith(f"/{what}/import/")
        with desk.reading() as session:
            from webapp.imports.models import ImportRun

            mapping = session.get_one(ImportRun, int(path.rsplit("/", 1)[1])).mapping
        owner.post(f"{path}/columns", {name: str(number) for name, number in mapping.items()})
        owner.post(f"{path}/start")
        desk.jobs.run_pending()
        page = owner.get(path)
        assert f"Go on with its {then}" in words(page) if then else "Import another file" in words(page)
        if then:
            number = int(path.rsplit("/", 1)[1]) + 1
            page = owner.get(f"/{then}/import/{number}", follow=True)
    with desk.reading() as session:
        assert len(session.scalars(select(Assignment)).all()) == 3


def test_who_may_not_touch_offers_gets_the_affiliates_only(person: MakePerson, desk: Desk) -> None:
    tom = person("import_and_export", "view_affiliate_details", "create_affiliates", "edit_all")
    content = BytesIO(json.dumps(LISTING).encode())
    page = tom.post("/affiliates/import", [("file", (content, "l.json"))], follow=True)
    assert "The file also holds" not in words(page)
