"""The pages of affiliates, as three people see them."""

import pytest
from sqlalchemy import event, select

from tests.affiliates.conftest import Network
from tests.browser import Person, heading, words
from tests.personas import MakePerson
from webapp.accounts.models import AuditEntry, User
from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.desk import Desk
from webapp.mail.models import MailContent, OutboxMail, Suppression
from webapp.web import pages

ALL = "/affiliates?status=all"


def stored(desk: Desk, key: int) -> Affiliate:
    with desk.reading() as session:
        found = session.get_one(Affiliate, key)
        _ = found.group, found.manager
        return found


def manages(desk: Desk, person: Person, *affiliates: Affiliate) -> None:
    with desk.session() as session:
        for each in affiliates:
            session.get_one(Affiliate, each.id).manager = session.get_one(User, person.user.id)  # type: ignore[union-attr]


def mailed(desk: Desk, affiliate: Affiliate, state: str, **fields: object) -> None:
    with desk.session() as session:
        content = MailContent(draft={"subject": "Solara pays more"})
        mail = OutboxMail(
            key=f"{affiliate.id}:{state}",
            content=content,
            recipient_id=affiliate.id,
            address=affiliate.address,
            kind="announcement",
            state=state,
            **fields,
        )
        session.add(mail)


def test_an_empty_list_says_how_to_begin(owner: Person) -> None:
    page = words(owner.get("/affiliates"))
    assert "No affiliates yet" in page
    assert "Import a file" in page


def test_the_list_shows_who_there_is(owner: Person, network: Network) -> None:
    page = words(owner.get(ALL))
    for sign in ("5 in all", "10001", "Partner1@Example.com", "Tom Okafor", "Solar", "none yet"):
        assert sign in page


def test_the_list_begins_with_active_ones(owner: Person, network: Network) -> None:
    assert "10005" not in words(owner.get("/affiliates"))
    assert "10005" in words(owner.get("/affiliates?status=paused"))


@pytest.mark.parametrize("search", ["10003", "CY", "partner3@", "tner3"])
def test_somebody_is_found_by_number_name_or_address(owner: Person, network: Network, search: str) -> None:
    page = words(owner.get("/affiliates", query_string={"q": search}))
    assert "10003" in page
    assert "10001" not in page


@pytest.mark.parametrize("search", ["%", "_", "100%1", "\\"])
def test_signs_of_the_database_are_plain_letters_in_a_search(
    owner: Person, network: Network, search: str
) -> None:
    assert "Nobody matches" in words(owner.get("/affiliates", query_string={"q": search}))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """This small network counts as a large one."""
    monkeypatch.setattr(finding, "FEW", 0)


@pytest.mark.parametrize("search", ["10003", "cY", "PARTNER3", "partner3@ex cy"])
def test_among_many_somebody_is_found_by_how_a_field_begins(
    owner: Person, network: Network, large: None, search: str
) -> None:
    page = words(owner.get("/affiliates", query_string={"q": search}))
    assert "10003" in page
    assert "10001" not in page


@pytest.mark.parametrize("search", ["artner3", "%", "_", "\\", "\U0010ffff", "cy zoë"])
def test_among_many_what_stands_inside_a_word_is_not_found_and_the_page_says_so(
    owner: Person, network: Network, large: None, search: str
) -> None:
    page = owner.get("/affiliates", query_string={"q": search})
    assert "Nobody matches" in words(page)
    assert 'placeholder="Beginning of a name, address or number"' in page.text


def test_among_many_the_address_is_no_way_to_find_somebody_whose_address_is_hidden(
    person: MakePerson, network: Network, large: None
) -> None:
    looker = person("view_all_affiliates")
    assert "Nobody matches" in words(looker.get("/affiliates?q=partner1"))
    assert "10001" in words(looker.get("/affiliates?q=ana"))


def test_a_search_that_fits_too_many_says_that_not_all_were_looked_through(
    owner: Person, network: Network, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    assert "Type more letters" in words(owner.get("/affiliates?q=partner"))
    assert "Type more letters" not in words(owner.get("/affiliates?q=partner3"))


def test_the_beginning_of_a_word_is_found_by_index(desk: Desk) -> None:
    """Read from SQLite's own plan; a scan of a large table would take longer than a page may."""
    query = finding.candidates("whit", addresses=True).compile(desk.engine)
    with desk.engine.connect() as connection:
        values = tuple(query.params[name] for name in query.positiontup or ())
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()
    steps = [step[3] for step in plan if "affiliates" in step[3]]
    assert len(steps) == 5
    assert all(step.startswith("SEARCH") for step in steps)


def test_a_list_ends_where_turning_pages_would_take_too_long(
    owner: Person, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FURTHEST", 2)
    monkeypatch.setattr(pages, "SIZE", 2)
    page = words(owner.get("/affiliates?page=9"))
    assert "1 to 2 of 4. The list ends here: search or filter for the rest." in page
    assert "1 to 2 of more than 2" in words(owner.get("/affiliates?q=partner"))


def test_the_list_is_narrowed_by_group_and_manager(owner: Person, network: Network) -> None:
    page = words(owner.get(f"/affiliates?group={network.solar.id}&manager={network.tom.id}"))
    assert "10001" in page
    assert "10002" not in page
    assert "10003" not in page


def test_nonsense_in_the_address_is_no_fault(owner: Person, network: Network) -> None:
    assert owner.get("/affiliates?group=x&manager=-1&sort=bogus&page=99999999&status=x").status_code == 200


def test_the_list_costs_the_same_number_of_queries_for_every_size(
    owner: Person, desk: Desk, network: Network
) -> None:
    asked: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    owner.get(ALL)
    few, asked[:] = len(asked), []
    with desk.session() as session:
        rows = [
            Affiliate(affiliate_id=str(n), email=f"x{n}@y.example", address=f"x{n}@y.example")
            for n in range(60)
        ]
        session.add_all(rows)
    asked.clear()
    owner.get(ALL)
    assert len(asked) <= few + 1


def test_the_latest_mail_and_its_outcome_stand_in_list_and_page(
    owner: Person, desk: Desk, network: Network
) -> None:
    mailed(desk, network.affiliates[0], "sent")
    mailed(desk, network.affiliates[0], "failed", code="5.1.1", detail="no such user here")
    assert "Failed" in words(owner.get("/affiliates?q=10001"))
    page = words(owner.get(f"/affiliates/{network.affiliates[0].id}"))
    for sign in ("Solara pays more", "Accepted", "Failed", "5.1.1 no such user here"):
        assert sign in page


def test_a_colleague_without_rights_sees_nothing(colleague: Person, network: Network) -> None:
    assert colleague.get("/affiliates").status_code == 403
    assert colleague.get(f"/affiliates/{network.affiliates[0].id}").status_code == 403


def test_a_manager_sees_the_own_affiliates_only(person: MakePerson, desk: Desk, network: Network) -> None:
    manager = person("view_affiliate_details", "edit_assigned")
    own, foreign = network.affiliates[:2]
    manages(desk, manager, own)
    page = words(manager.get(ALL))
    assert "1 in all" in page
    assert "10002" not in page
    assert manager.get(f"/affiliates/{own.id}").status_code == 200
    for path in ("", "/edit"):
        assert manager.get(f"/affiliates/{foreign.id}{path}").status_code == 404
    assert manager.post(f"/affiliates/{foreign.id}/status", {"status": "closed"}).status_code == 404
    assert stored(desk, foreign.id).status == "active"


def test_without_details_no_address_is_seen_or_found(person: MakePerson, network: Network) -> None:
    looker = person("view_all_affiliates")
    assert "Example.com" not in words(looker.get(ALL))
    assert "Nobody matches" in words(looker.get("/affiliates?q=partner1"))
    assert "Example.com" not in words(looker.get(f"/affiliates/{network.affiliates[0].id}"))


def test_an_affiliate_is_added_by_form(owner: Person, desk: Desk, network: Network) -> None:
    fields = {"email": " Zoe@Example.com ", "first_name": "Zoë", "affiliate_id": "77", "status": "active"}
    fields |= {"group": "Solar", "manager_email": network.tom.email, "country": "HU", "tags": "b, a"}
    page = owner.post("/affiliates/new", fields, follow=True)
    assert heading(page).startswith("Zoë")
    with desk.reading() as session:
        added = session.scalars(select(Affiliate).where(Affiliate.affiliate_id == "77")).one()
        assert (added.email, added.address, added.tags) == ("Zoe@Example.com", "zoe@example.com", "a,b")
        assert (added.group_id, added.manager_id) == (network.solar.id, network.tom.id)
        assert session.scalars(select(AuditEntry.action)).all() == ["add affiliate"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": ""}, "Type the e-mail address"),
        ({"email": "zoe@@example.com"}, "several @ signs"),
        ({"email": "zoe@example.com\r\nBcc: x@y.example"}, "name@example.com"),
        ({"email": "zoe@example.com", "first_name": "Z\nBcc: x"}, "line break"),
        ({"email": "zoe@example.com", "affiliate_id": "10001"}, "Give each affiliate its own"),
        ({"email": "partner1@example.com"}, "give each of them an affiliate ID"),
        ({"email": "zoe@example.com", "language": "Klingon!"}, "Use one such as en"),
        ({"email": "zoe@example.com", "company": "x" * 201}, "Shorten it to 200"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    owner: Person, desk: Desk, network: Network, fields: dict[str, str], said: str
) -> None:
    page = owner.post(
        "/affiliates/new", {"status": "active", "group": "", "manager_email": "", "country": "", **fields}
    )
    assert page.status_code == 200
    assert said in words(page)
    assert "to solve" in words(page)
    with desk.reading() as session:
        assert len(session.scalars(select(Affiliate.id)).all()) == 5


def test_who_may_not_edit_all_manages_whom_he_adds(person: MakePerson, desk: Desk, network: Network) -> None:
    manager = person("create_affiliates", "view_affiliate_details")
    fields = {"email": "zoe@example.com", "status": "active", "group": "", "country": ""}
    manager.post("/affiliates/new", {**fields, "manager_email": network.mara.email})
    with desk.reading() as session:
        added = session.scalars(select(Affiliate).where(Affiliate.address == "zoe@example.com")).one()
    assert added.manager_id == manager.user.id  # type: ignore[union-attr]


def test_an_affiliate_is_changed_by_form(owner: Person, desk: Desk, network: Network) -> None:
    key = network.affiliates[0].id
    assert "Ana" in owner.get(f"/affiliates/{key}/edit").get_data(as_text=True)
    fields = {"email": "new@example.com", "first_name": "Anna", "affiliate_id": "10001", "status": "paused"}
    owner.post(f"/affiliates/{key}/edit", {**fields, "group": "", "manager_email": "", "country": ""})
    changed = stored(desk, key)
    assert (changed.email, changed.first_name, changed.status) == ("new@example.com", "Anna", "paused")
    assert (changed.group, changed.manager) == (None, None)


def test_a_refused_change_leaves_everything_as_it_was(owner: Person, desk: Desk, network: Network) -> None:
    key = network.affiliates[0].id
    fields = {"email": "new@example.com", "affiliate_id": "10002", "status": "active"}
    page = owner.post(f"/affiliates/{key}/edit", {**fields, "group": "", "manager_email": "", "country": ""})
    assert "has the affiliate ID 10002" in words(page)
    assert stored(desk, key).email == "Partner1@Example.com"


def test_pausing_and_going_on_is_one_press(owner: Person, desk: Desk, network: Network) -> None:
    key = network.affiliates[0].id
    assert "is not mailed any more" in words(
        owner.post(f"/affiliates/{key}/status", {"status": "paused"}, follow=True)
    )
    assert stored(desk, key).status == "paused"
    assert owner.post(f"/affiliates/{key}/status", {"status": "asleep"}).status_code == 400


def test_a_suppressed_address_is_told_and_lifted_by_whoever_may(
    owner: Person, person: MakePerson, desk: Desk, network: Network
) -> None:
    key = network.affiliates[0].id
    with desk.session() as session:
        session.add(Suppression(address="partner1@example.com", scope="announcement", reason="unsubscribed"))
    looker = person("view_all_affiliates", "view_affiliate_details")
    assert "has left your news" in words(looker.get(f"/affiliates/{key}"))
    assert "Lift" not in words(looker.get(f"/affiliates/{key}"))
    assert looker.post(f"/affiliates/{key}/lift", {"scope": "announcement"}).status_code == 403
    page = owner.post(f"/affiliates/{key}/lift", {"scope": "announcement"}, follow=True)
    assert "has left your news" not in words(page)


def test_groups_are_made_renamed_and_deleted(owner: Person, desk: Desk, network: Network) -> None:
    owner.post("/affiliates/groups", {"name": "Garden"})
    assert "There is already a group" in words(owner.post("/affiliates/groups", {"name": "GARDEN"}))
    assert "needs a name" in words(owner.post("/affiliates/groups", {"name": " "}))
    owner.post(f"/affiliates/groups/{network.solar.id}", {"name": "Sun"})
    assert "Sun 3" in words(owner.get("/affiliates/groups"))
    assert "Its 3 affiliates stay" in words(owner.get(f"/affiliates/groups/{network.solar.id}"))
    owner.post(f"/affiliates/groups/{network.solar.id}/delete")
    with desk.reading() as session:
        assert set(session.scalars(select(AffiliateGroup.name))) == {"Garden", "Travel & more-or-less"}
        assert len(session.scalars(select(Affiliate.id)).all()) == 5


def test_markup_in_a_name_is_only_text(owner: Person, desk: Desk, network: Network) -> None:
    with desk.session() as session:
        session.get_one(Affiliate, network.affiliates[0].id).company = "<script>alert(1)</script>"
    for path in (ALL, f"/affiliates/{network.affiliates[0].id}"):
        assert "<script>alert" not in owner.get(path).get_data(as_text=True)
