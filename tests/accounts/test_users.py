"""Users and their rights, as somebody sees them who may manage them."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.accounts.conftest import Network
from tests.browser import Person, heading, words
from tests.personas import make_user
from webapp.accounts.models import User
from webapp.accounts.rights import PRESETS
from webapp.desk import Desk

PRIYA = {
    "first_name": "Priya",
    "last_name": "Nair",
    "email": "Priya@Desk.example.com",
    "preset": "report_runner",
}


def user(desk: Desk, email: str) -> User | None:
    with desk.session() as session:
        return session.scalar(select(User).where(User.email == email))


def save(person: Person, user: User, **changes: object):
    fields = {
        "email": user.email,
        "first_name": user.first_name,
        "preset": user.preset,
        "rights": user.rights,
    }
    return person.post(f"/account/users/{user.id}", {**fields, **changes})


@pytest.fixture
def tom(desk: Desk) -> User:
    return make_user(
        desk,
        "tom@desk.example.com",
        PRESETS["affiliate_manager"].rights | {"view_all_affiliates"},
        first_name="Tom",
        last_name="Okafor",
        preset="affiliate_manager",
    )


def test_the_list_says_who_may_do_what(owner: Person, tom: User) -> None:
    said = words(owner.get("/account/users"))
    assert "Tom Okafor tom@desk.example.com Affiliate Manager, 1 change Own affiliates No Active" in said
    assert "Mara Lindqvist mara@desk.example.com Administrator Everyone Yes Active" in said


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", {"Mara", "Tom"}),
        ("?q=okaf", {"Tom"}),
        ("?q=MARA@", {"Mara"}),
        ("?q=tom+okafor", {"Tom"}),
        ("?q=%25", set()),
        ("?state=active", {"Mara", "Tom"}),
        ("?state=disabled", set()),
        ("?state=nonsense&sort=nonsense&page=-3", {"Mara", "Tom"}),
    ],
)
def test_the_list_can_be_searched_and_filtered(owner: Person, tom: User, query: str, there: set[str]) -> None:
    table = owner.get(f"/account/users{query}").text.partition("<tbody>")[2]
    assert {name for name in ("Mara", "Tom") if name in table} == there


def test_the_list_can_be_sorted(owner: Person, tom: User) -> None:
    def order(sort: str) -> list[str]:
        page = owner.get(f"/account/users?sort={sort}").text.partition("<tbody>")[2]
        return sorted(("Mara", "Tom"), key=page.index)

    assert order("name") == ["Mara", "Tom"]
    assert order("-name") == ["Tom", "Mara"]


def test_a_preset_fills_in_the_ticks_and_keeps_what_was_typed(owner: Person, desk: Desk) -> None:
    page = owner.post("/account/users/new", {**PRIYA, "fill": "1"})
    assert 'value="Priya@Desk.example.com"' in page.text
    assert page.text.count(" checked") == len(PRESETS["report_runner"].rights)
    assert user(desk, "priya@desk.example.com") is None


def test_an_invited_user_has_exactly_the_ticked_rights(owner: Person, desk: Desk) -> None:
    page = owner.post("/account/users/new", {**PRIYA, "rights": ["view_all_affiliates", "send_to_all"]})
    assert heading(page) == "A link for Priya Nair"
    assert "https://desk.northlight.example/password/" in words(page)
    priya = user(desk, "priya@desk.example.com")
    assert (set(priya.rights), priya.preset, priya.state) == (
        {"view_all_affiliates", "send_to_all"},
        "report_runner",
        "invited",
    )


def test_the_link_shown_lets_the_invited_in(owner: Person, app: Flask) -> None:
    page = owner.post("/account/users/new", {**PRIYA, "rights": ["view_all_affiliates"]})
    path = "/password/" + words(page).partition("/password/")[2].split()[0]
    priya = Person(app)
    assert heading(priya.get(path)) == "Welcome"
    password = "a long row of words"
    assert priya.post(path, {"password": password, "again": password}).status_code == 302
    assert "Priya Nair" in words(priya.get("/account/profile"))


def test_without_a_from_address_the_page_says_that_no_mail_left(owner: Person, network: Network) -> None:
    network(from_address="")
    assert "No mail was sent" in words(owner.post("/account/users/new", PRIYA))


def test_an_address_belongs_to_one_user(owner: Person, tom: User) -> None:
    page = owner.post("/account/users/new", {**PRIYA, "email": "TOM@desk.example.com"})
    assert "tom@desk.example.com belongs to Tom Okafor already" in words(page)


@pytest.mark.parametrize(
    "email",
    ["", "tom", "tom@", "tom@@x.example.com", "a b@x.example.com", "x@y.example.com\r\nBcc: z@z.example.com"],
)
def test_a_bad_address_is_refused_in_words(owner: Person, email: str, desk: Desk) -> None:
    page = owner.post("/account/users/new", {**PRIYA, "email": email})
    assert "like mara@example.com" in words(page)
    assert user(desk, "priya@desk.example.com") is None


@pytest.mark.parametrize("picture", ["javascript:alert(1)", "http://img.example/tom.png", "https://a b"])
def test_a_picture_is_a_whole_https_address(owner: Person, tom: User, desk: Desk, picture: str) -> None:
    form = {"email": tom.email, "preset": "other", "picture": picture}
    said = words(owner.post(f"/account/users/{tom.id}", form))
    assert "Write the whole address of a picture, beginning with https://." in said
    with desk.reading() as session:
        assert session.get_one(User, tom.id).picture == ""


def test_a_right_that_does_not_exist_can_not_be_given(owner: Person, desk: Desk) -> None:
    owner.post("/account/users/new", {**PRIYA, "rights": ["root"]})
    assert user(desk, "priya@desk.example.com") is None


def test_fields_that_no_form_has_change_nothing(owner: Person, tom: User, desk: Desk) -> None:
    save(owner, tom, password_hash="x", generation="99", id="1", theme="dark", is_active="")
    after = user(desk, tom.email)
    assert (after.password_hash, after.generation, after.theme) == (tom.password_hash, tom.generation, "")


def test_rights_count_from_the_next_click(owner: Person, app: Flask, tom: User) -> None:
    toms = Person(app, tom)
    assert toms.get("/account/users").status_code == 403
    save(owner, tom, rights=["manage_users"])
    assert toms.get("/account/users").status_code == 200


def test_a_refused_form_saves_nothing_of_it(owner: Person, tom: User, desk: Desk) -> None:
    assert "is no e-mail address" in words(save(owner, tom, email="broken", first_name="Thomas", rights=[]))
    after = user(desk, tom.email)
    assert (after.first_name, set(after.rights)) == ("Tom", set(tom.rights))


def test_closing_an_account_asks_first_and_ends_its_sessions(
    owner: Person, app: Flask, tom: User, desk: Desk
) -> None:
    toms = Person(app, tom)
    assert toms.get("/").status_code == 200
    assert heading(owner.get(f"/account/users/{tom.id}/disable")) == "Close the account of Tom Okafor?"
    assert toms.get("/").status_code == 200
    owner.post(f"/account/users/{tom.id}/disable")
    assert toms.get("/").status_code == 302
    assert "Disabled" in words(owner.get(f"/account/users/{tom.id}"))


def test_an_account_that_is_opened_again_does_not_revive_old_sessions(
    owner: Person, app: Flask, tom: User
) -> None:
    toms = Person(app, tom)
    owner.post(f"/account/users/{tom.id}/disable")
    owner.post(f"/account/users/{tom.id}/enable")
    assert toms.get("/").status_code == 302


def test_a_disabled_user_gets_no_link(owner: Person, tom: User) -> None:
    owner.post(f"/account/users/{tom.id}/disable")
    page = owner.post(f"/account/users/{tom.id}/invite", follow=True)
    assert "is disabled" in words(page)


def test_the_last_who_manages_users_keeps_the_right(owner: Person, tom: User, desk: Desk) -> None:
    page = save(owner, owner.user, rights=["send_to_all"], preset="other")
    assert "Mara Lindqvist is the last who may manage users." in words(page)
    assert "manage_users" in user(desk, owner.user.email).rights


def test_the_last_who_manages_users_is_not_disabled(owner: Person, desk: Desk) -> None:
    said = words(owner.post(f"/account/users/{owner.user.id}/disable", follow=True))
    assert "is the last who may manage users" in said
    assert user(desk, owner.user.email).disabled_at is None
    assert "Close this account" not in said


def test_somebody_who_never_signed_in_does_not_count_as_another(owner: Person, desk: Desk) -> None:
    make_user(desk, "new@desk.example.com", ["manage_users"], password_hash=None)
    assert "is the last who may manage users" in words(save(owner, owner.user, rights=[]))


def test_with_a_second_one_the_right_can_be_given_up(owner: Person, desk: Desk) -> None:
    make_user(desk, "ines@desk.example.com", ["manage_users"])
    assert save(owner, owner.user, rights=["send_to_all"]).status_code == 302
    assert owner.get("/account/users").status_code == 403


def test_a_refusal_names_the_right_and_who_gives_it(owner: Person, colleague: Person) -> None:
    page = colleague.get("/account/users")
    assert page.status_code == 403
    assert "You need the right “manage users” You are signed in as Tom Okafor" in words(page)
    assert "Mara Lindqvist can give it to you" in words(page)


def test_the_menu_shows_only_what_may_be_opened(owner: Person, colleague: Person) -> None:
    assert "/account/users" in owner.get("/").text
    assert "/account/users" not in colleague.get("/").text


def test_a_user_who_is_not_there_is_not_found(owner: Person) -> None:
    assert owner.get("/account/users/4711").status_code == 404
    assert owner.post("/account/users/4711/disable").status_code == 404


def test_names_are_shown_as_they_are_and_never_as_markup(owner: Person, desk: Desk) -> None:
    make_user(desk, "x@desk.example.com", first_name="<script>alert(1)</script>", last_name='"><img src=x>')
    page = owner.get("/account/users")
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script>" in words(page)
