"""People apply on a public page: nothing is filed before the address is confirmed, and nobody learns who has an account."""

import time

import pytest
from sqlalchemy import select

from tests.announcing.conftest import Mails, values_of
from tests.announcing.test_offers import press_twice
from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from webapp.affiliates.models import Affiliate
from webapp.applications import applying, guard, routes
from webapp.applications.models import Application
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.settings import store

TYPED = {
    "first_name": "Dana", "last_name": "Whitfield", "email": "Dana@brightleads.example", "company": "Bright Leads",
    "country": "US", "website": "brightleads.example", "traffic": "Two sites.\nA newsletter.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ANSWER_SECONDS", 0)


@pytest.fixture
def opened(network: Desk) -> Desk:
    with network.session() as session:
        store.put(session, {"applications": "on"})
    return network


def typed(desk: Desk, **changes: str) -> dict[str, str]:
    """The form as somebody sends it who took a minute."""
    return {**TYPED, "clock": guard.clock(desk.vault, lambda: time.time() - 60), **changes}


def applications(desk: Desk) -> list[Application]:
    with desk.reading() as session:
        return list(session.scalars(select(Application).order_by(Application.id)))


def link(desk: Desk, mail: OutboxMail) -> str:
    """Where the confirmation leads, as a path."""
    url = values_of(desk, mail)["emailconfirmation.link"]
    assert url.startswith("https://desk.northlight.example.com/apply/confirm/")
    return url.removeprefix("https://desk.northlight.example.com")


@pytest.fixture
def waiting(opened: Desk, stranger: Person, mails: Mails) -> Application:
    """Dana's application, confirmed."""
    stranger.post("/apply", typed(opened))
    stranger.post(link(opened, mails("application_submitted")[0]))
    return applications(opened)[0]


def test_the_form_is_closed_until_somebody_opens_it(network: Desk, owner: Person, stranger: Person) -> None:
    assert stranger.get("/apply").status_code == 404
    assert stranger.post("/apply", typed(network)).status_code == 404
    page = owner.post("/account/applications", {"applications": "on", "applications_welcome": "Solar only."})
    assert page.status_code == 302
    assert "Solar only." in words(stranger.get("/apply"))


def test_an_address_is_confirmed_by_a_press_and_not_by_a_visit(
    opened: Desk,
    stranger: Person,
    mails: Mails,
) -> None:
    assert "Look into your mailbox" in words(stranger.post("/apply", typed(opened)))
    (mail,) = mails("application_submitted")
    assert (mail.address, mail.kind, mail.recipient_id) == ("Dana@brightleads.example", "operational", None)
    where = link(opened, mail)
    stranger.client.head(where)
    assert "Is this your address?" in words(stranger.get(where))
    assert [one.state for one in applications(opened)] == ["unconfirmed"]
    assert "We have your application" in words(stranger.post(where))
    assert "We have your application" in words(stranger.post(where))
    assert [one.state for one in applications(opened)] == ["waiting"]


def test_the_team_hears_of_a_confirmed_application_once(
    opened: Desk,
    owner: Person,
    colleague: Person,
    waiting: Application,
    stranger: Person,
    mails: Mails,
) -> None:
    stranger.post(link(opened, mails("application_submitted")[0]))
    (mail,) = mails("staff_application")  # the colleague may decide nothing, and hears nothing
    assert mail.address == "mara@desk.example.com"
    values = values_of(opened, mail)
    assert values["affiliate.companyname"] == "Bright Leads"
    assert values["network.loginurl"] == f"https://desk.northlight.example.com/applications/{waiting.id}"


def test_a_forged_link_confirms_nothing(opened: Desk, stranger: Person, mails: Mails) -> None:
    stranger.post("/apply", typed(opened))
    where = link(opened, mails("application_submitted")[0])
    for forged in (
        where[:-1] + ("A" if where[-1] != "A" else "B"),
        where.replace("/1.", "/2."),
        "/apply/confirm/1",
    ):
        assert stranger.post(forged).status_code == 404
    assert [one.state for one in applications(opened)] == ["unconfirmed"]


def test_nobody_learns_from_the_form_who_has_an_account(
    opened: Desk,
    stranger: Person,
    affiliate: MakeAffiliate,
    mails: Mails,
) -> None:
    affiliate("Bright Leads", email="dana@brightleads.example")
    known = stranger.post("/apply", typed(opened))
    other = stranger.post("/apply", typed(opened, email="else@brightleads.example"))
    assert words(known).replace("Dana@", "else@") == words(other)
    assert "There is an account" in words(stranger.post(link(opened, mails("application_submitted")[0])))


def test_machines_are_kept_away(opened: Desk, stranger: Person, mails: Mails) -> None:
    assert "Look into your mailbox" in words(stranger.post("/apply", typed(opened, fax_number="1")))
    fast = typed(opened, clock=guard.clock(opened.vault))
    assert "quicker than anybody types" in words(stranger.post("/apply", fast))
    assert "Press once more" in words(stranger.post("/apply", typed(opened, clock="1.forged")))
    assert applications(opened) == []
    assert mails("application_submitted") == []


def test_one_mailbox_is_not_filled_and_one_network_is_slowed(
    opened: Desk,
    stranger: Person,
    mails: Mails,
) -> None:
    for _ in range(8):
        assert "Look into your mailbox" in words(stranger.post("/apply", typed(opened)))
    assert len(mails("application_submitted")) == 5
    for number in range(17):
        last = stranger.post("/apply", typed(opened, email=f"d{number}@example.com"))
    assert "Look into your mailbox" in words(last)
    assert "Too many tries" in words(stranger.post("/apply", typed(opened, email="last@example.com")))


def test_the_terms_must_be_agreed_to_and_are_kept(opened: Desk, stranger: Person) -> None:
    with opened.session() as session:
        store.put(session, {"applications_terms_url": "https://northlight.example/terms"})
    assert "Without agreeing to the terms" in words(stranger.post("/apply", typed(opened)))
    stranger.post("/apply", typed(opened, agreed="y"))
    assert [one.terms_url for one in applications(opened)] == ["https://northlight.example/terms"]


def test_what_is_missing_is_named_and_what_was_typed_stays(opened: Desk, stranger: Person) -> None:
    page = stranger.post("/apply", typed(opened, first_name="", email="dana", website="not a site"))
    for reason in ("The first name is missing", "There is no @ sign", "is no web address"):
        assert reason in words(page)
    assert 'value="Bright Leads"' in page.get_data(as_text=True)


def test_an_approved_applicant_becomes_an_affiliate_and_is_mailed_once(
    opened: Desk,
    owner: Person,
    waiting: Application,
    mails: Mails,
) -> None:
    page = words(owner.get("/applications"))
    assert "1 application waits" in page
    press = {"pick": str(waiting.id), "state": "approved"}
    said = press_twice(owner, "/applications/decide", press)
    assert "1 application was approved. 1 mail is on the way: Application Approved." in said
    assert "somebody was faster" in words(owner.post("/applications/decide", press, follow=True))
    (mail,) = mails("application_approved")
    with opened.reading() as session:
        dana = session.scalars(select(Affiliate).where(Affiliate.address == "dana@brightleads.example")).one()
        assert (dana.status, dana.company, dana.country) == ("active", "Bright Leads", "US")
    assert mail.recipient_id == dana.id


def test_a_denial_has_a_reason_or_is_silent(
    opened: Desk,
    owner: Person,
    waiting: Application,
    stranger: Person,
    mails: Mails,
) -> None:
    press = {"pick": str(waiting.id), "state": "denied", "tell_reason": "The site could not be reached."}
    press_twice(owner, "/applications/decide", press)
    (mail,) = mails("application_denied")
    assert values_of(opened, mail)["denialreason"] == "The site could not be reached."
    assert "The site could not be reached." in words(owner.get(f"/applications/{waiting.id}"))
    stranger.post("/apply", typed(opened, email="second@example.com"))
    stranger.post(link(opened, mails("application_submitted")[1]))
    second = {"pick": str(applications(opened)[1].id), "state": "denied", "silent": "yes"}
    assert "as you wished" in words(owner.post("/applications/decide", second, follow=True))
    assert len(mails("application_denied")) == 1


def test_applications_are_decided_by_those_with_the_right_only(
    opened: Desk, owner: Person, person: MakePerson, colleague: Person, stranger: Person, waiting: Application
) -> None:
    press = {"pick": str(waiting.id), "state": "approved", "silent": "yes"}
    for path in ("/applications", f"/applications/{waiting.id}", "/account/applications"):
        assert colleague.get(path).status_code == 403
        assert stranger.get(path).status_code == 302
    assert colleague.post("/applications/decide", press).status_code == 403
    ann = person("approve_applications", "view_affiliate_details", "edit_assigned")
    bob = person("approve_applications", "view_affiliate_details", "edit_assigned")
    assert "Bright Leads" in words(bob.get("/applications"))
    ann.post("/applications/decide", press)
    with opened.reading() as session:
        assert session.scalars(select(Affiliate)).one().manager_id == ann.user.id  # type: ignore[union-attr]
    assert ann.get(f"/applications/{waiting.id}").status_code == 200
    assert bob.get(f"/applications/{waiting.id}").status_code == 404
    assert owner.get(f"/applications/{waiting.id}").status_code == 200


def test_what_nobody_confirms_is_forgotten_after_a_week(opened: Desk, stranger: Person, mails: Mails) -> None:
    stranger.post("/apply", typed(opened))
    with opened.session() as session:
        session.query(Application).one().created_at = utcnow() - applying.KEPT
    assert stranger.post(link(opened, mails("application_submitted")[0])).status_code == 404
    with opened.session() as session:
        assert applying.forget_unconfirmed(session) == 1
    assert applications(opened) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "Win at https://casino.example"),
        ("last_name", "casino.example/win"),
        ("first_name", "www.casino"),
        ("company", "Win! https://casino.example"),
    ],
)
def test_a_stranger_s_mailbox_gets_no_advertisement_by_way_of_the_form(
    opened: Desk, stranger: Person, mails: Mails, field: str, value: str
) -> None:
    said = words(stranger.post("/apply", typed(opened, **{field: value})))
    assert "looks like a web address" in said
    assert not mails("application_submitted")


def test_names_with_dots_are_names(opened: Desk, stranger: Person, mails: Mails) -> None:
    changes = {"first_name": "J. R.", "last_name": "St.John", "company": "Booking.com"}
    stranger.post("/apply", typed(opened, **changes))
    assert mails("application_submitted")


def test_a_tick_beyond_all_numbers_decides_nothing(opened: Desk, owner: Person) -> None:
    picks = {"pick": "9" * 5000, "state": "approved"}
    assert "Tick at least one" in words(owner.post("/applications/decide", picks, follow=True))
