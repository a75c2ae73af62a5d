"""The pages of offers and of who runs them, as several people see them."""

from flask import Flask
from sqlalchemy import event, select

from tests.browser import Person, heading, words
from tests.offers.conftest import Market
from tests.personas import MakePerson
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.offers.models import Assignment, Creative, Offer

FORM = {"name": "Garden", "status": "active", "type": "CPA", "currency": "USD", "manager_email": ""}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>[=Nope=]{{7*7}}'


def state(desk: Desk, offer: Offer, affiliate: Affiliate) -> str:
    with desk.reading() as session:
        return session.get_one(Assignment, (offer.id, affiliate.id)).state


def test_an_empty_list_says_how_to_begin(owner: Person) -> None:
    page = words(owner.get("/offers"))
    assert "No offers yet" in page
    assert "Import a file" in page


def test_the_list_shows_terms_and_how_many_run_it(owner: Person, market: Market) -> None:
    page = words(owner.get("/offers"))
    for sign in ("2 in all", "3071", "Cost per lead", "$24.00", "1 waiting", "Cleo"):
        assert sign in page


SEARCHES = [
    ("q=solar", "Solar US", "Secret Travel"),
    ("q=4000", "Secret Travel", "Solar US"),
    ("type=CPL", "Solar US", "Secret Travel"),
    ("status=paused", "No offer is paused", "Solar US"),
    ("q=%25", "No offer matches", "Solar US"),
]


def test_the_list_is_searched_filtered_and_sorted(owner: Person, market: Market) -> None:
    for query, shown, hidden in SEARCHES:
        page = words(owner.get(f"/offers?{query}"))
        assert shown in page
        assert hidden not in page
    for sort in ("name", "-name", "cid", "payout", "-ends", "added", "nonsense"):
        assert "Solar US" in words(owner.get(f"/offers?sort={sort}&page=99"))


def test_the_list_costs_the_same_number_of_queries_for_every_size(
    owner: Person, desk: Desk, market: Market
) -> None:
    def queries() -> int:
        asked: list[str] = []
        listen = lambda *arguments: asked.append(arguments[2])  # noqa: E731
        event.listen(desk.engine, "before_cursor_execute", listen)
        owner.get("/offers")
        event.remove(desk.engine, "before_cursor_execute", listen)
        return len(asked)

    before = queries()
    with desk.session() as session:
        session.add_all([Offer(cid=f"x{number}", name=f"X {number}") for number in range(20)])
    assert queries() == before


def test_an_offer_is_added_with_the_next_number(owner: Person, desk: Desk, market: Market) -> None:
    page = owner.post("/offers/new", {**FORM, "payout": "12.5"}, follow=True)
    assert heading(page).startswith("Garden")
    assert "CID 4001" in words(page)
    assert "$12.50" in words(page)


def test_a_refused_offer_keeps_what_was_typed(owner: Person, desk: Desk, market: Market) -> None:
    page = owner.post("/offers/new", {**FORM, "cid": "3071", "payout": "12.5"})
    assert "Another offer has the CID 3071" in words(page)
    assert 'value="12.5"' in page.get_data(as_text=True)
    page = owner.post(f"/offers/{market.solar.id}/edit", {**FORM, "cid": "9"})
    assert "The CID stays 3071" in words(page)


def test_a_campaign_manager_sees_and_changes_own_offers_only(app: Flask, desk: Desk, market: Market) -> None:
    cleo = Person(app, market.cleo)
    assert "Secret" not in words(cleo.get("/offers?status=all"))
    for path in ("", "/edit", "/creatives/new"):
        assert cleo.get(f"/offers/{market.travel.id}{path}").status_code == 404
    assert cleo.post(f"/offers/{market.travel.id}/status", {"status": "ended"}).status_code == 404
    assert cleo.post(f"/assignments/add/{market.travel.id}", {"affiliate_id": "1"}).status_code == 404
    assert "Secret" not in words(cleo.get("/assignments?state=all"))
    cleo.post(f"/offers/{market.solar.id}/edit", {**FORM, "cid": "3071", "name": "Solar EU"})
    with desk.reading() as session:
        assert session.get_one(Offer, market.solar.id).name == "Solar EU"
        assert session.get_one(Offer, market.travel.id).status == "active"


def test_who_sees_all_offers_may_not_change_them(preset_person: MakePerson, market: Market) -> None:
    reader = preset_person("report_runner")
    page = words(reader.get(f"/offers/{market.solar.id}"))
    assert "Solar US" in page
    assert "Make active" not in page
    assert reader.get(f"/offers/{market.solar.id}/edit").status_code == 403
    assert reader.post("/assignments/decide", {"pick": "1-1", "state": "denied"}).status_code == 403


def test_an_affiliates_manager_sees_only_his_own_affiliates_on_an_offer(
    person: MakePerson, desk: Desk, market: Market
) -> None:
    tom = person("view_all_offers", "view_affiliate_details", "edit_assigned", email="tom@desk.example.com")
    with desk.session() as session:
        user = session.scalars(select(User).where(User.email == "tom@desk.example.com")).one()
        session.get_one(Affiliate, market.waiting.id).manager_id = user.id
    page = words(tom.get(f"/offers/{market.solar.id}"))
    assert "Cy" in page
    assert "Ana" not in page
    picks = [f"{market.solar.id}-{one.id}" for one in (market.waiting, market.plain)]
    assert tom.post("/assignments/decide", {"pick": picks, "state": "denied"}).status_code == 404
    assert state(desk, market.solar, market.plain) == "approved"
    tom.post("/assignments/decide", {"pick": picks[0], "state": "approved"})
    assert state(desk, market.solar, market.waiting) == "approved"


def test_many_requests_are_decided_at_once(owner: Person, desk: Desk, market: Market) -> None:
    picks = [f"{market.solar.id}-{one.id}" for one in (market.plain, market.special, market.waiting)]
    page = owner.post("/assignments/decide", {"pick": picks, "state": "blocked"}, follow=True)
    assert "3 rows were blocked" in words(page)
    assert state(desk, market.solar, market.special) == "blocked"
    page = owner.post("/assignments/decide", {"pick": ["x", "99-99"], "state": "nonsense"}, follow=True)
    assert "is no state" in words(page)
    assert "Tick at least one row" in words(
        owner.post("/assignments/decide", {"state": "denied"}, follow=True)
    )


def test_the_affiliates_page_shows_his_offers_with_his_terms(owner: Person, market: Market) -> None:
    page = words(owner.get(f"/affiliates/{market.special.id}"))
    assert "Solar US" in page
    assert "$30.50" in page
    assert "On no offer yet" not in page


def test_terms_are_changed_and_refused_beside_their_field(owner: Person, desk: Desk, market: Market) -> None:
    path = f"/assignments/{market.solar.id}/{market.plain.id}"
    page = owner.post(path, {"state": "approved", "payout": "x", "tracking_url": "ftp://x"})
    assert "is no payout" in words(page)
    assert "is no web address" in words(page)
    owner.post(path, {"state": "approved", "payout": "25", "tracking_url": "", "cap": "10"})
    with desk.reading() as session:
        found = session.get_one(Assignment, (market.solar.id, market.plain.id))
        assert (str(found.payout), found.cap) == ("25.0000", 10)


def test_somebody_is_put_on_an_offer_by_his_number(owner: Person, desk: Desk, market: Market) -> None:
    path = f"/assignments/add/{market.travel.id}"
    assert "No affiliate has the ID “77”" in words(owner.post(path, {"affiliate_id": "77"}))
    owner.post(path, {"affiliate_id": "1"})
    assert state(desk, market.travel, market.plain) == "approved"
    assert "already runs" in words(owner.post(path, {"affiliate_id": "1"}))


def test_creatives_are_added_changed_and_removed(owner: Person, desk: Desk, market: Market) -> None:
    path = f"/offers/{market.solar.id}/creatives"
    code = '<a href="[=TrackingURL=]">Go</a>'
    assert "There is no code" in words(owner.post(f"{path}/new", {"name": "Link", "kind": "link"}))
    owner.post(f"{path}/new", {"name": "Link", "kind": "link", "code": code})
    with desk.reading() as session:
        creative = session.scalars(select(Creative)).one()
    assert creative.code == code
    assert owner.get(f"/offers/{market.travel.id}/creatives/{creative.id}").status_code == 404
    owner.post(f"{path}/{creative.id}", {"name": "Text link", "kind": "text", "code": code})
    assert "Text link" in words(owner.get(f"/offers/{market.solar.id}"))
    owner.post(f"{path}/{creative.id}/remove")
    assert "No creatives yet" in words(owner.get(f"/offers/{market.solar.id}"))


def test_hostile_words_are_only_words_on_every_page(owner: Person, desk: Desk, market: Market) -> None:
    fields = ("name", "title", "category", "type", "description", "special_instructions", "from_lines")
    page = owner.post("/offers/new", {**FORM, **dict.fromkeys(fields, HOSTILE[:40]), "cid": HOSTILE[:50]})
    assert page.status_code == 302
    number = page.headers["Location"].rsplit("/", 1)[1]
    owner.post(f"/offers/{number}/creatives/new", {"name": HOSTILE, "kind": "mail", "code": HOSTILE})
    owner.post(f"/assignments/add/{number}", {"affiliate_id": "1"})
    for path in ("/offers", f"/offers/{number}", f"/offers/{number}/edit", "/assignments?state=all"):
        text = owner.get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    with desk.reading() as session:
        assert "<script" not in session.get_one(Offer, int(number)).description
