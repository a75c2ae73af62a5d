"""Addresses and forms that nobody gets from a page."""

import pytest
from lxml import html

from tests.browser import Person, words
from tests.network import HTML
from tests.personas import make_user
from webapp.accounts.rights import ALL
from webapp.app import create_app
from webapp.config import Config
from webapp.desk import Desk
from webapp.wiring import open_desk

HUGE = "9" * 30
OPTIONS = "_external=1&_scheme=javascript&_anchor=x&_method=DELETE&endpoint=accounts.sign_out"


@pytest.mark.parametrize("page", ["/account/users", "/affiliates", "/messages", "/account/audit"])
def test_links_on_a_list_stay_on_this_desk_whatever_its_address_says(owner: Person, page: str) -> None:
    answer = owner.get(f"{page}?{OPTIONS}")
    assert answer.status_code == 200
    targets = html.fromstring(answer.text).xpath("//a/@href")
    assert [
        target for target in targets if not target.startswith(("/", "#")) or target.startswith("//")
    ] == []


@pytest.mark.parametrize(
    "path",
    [
        f"/affiliates/{HUGE}",
        f"/affiliates?group={HUGE}",
        f"/affiliates/import/{HUGE}",
        f"/messages/{HUGE}",
        f"/messages/new?as={HUGE}",
        f"/account/users/{HUGE}",
        f"/account/email-settings/servers/{HUGE}",
        f"/suppressions/{HUGE}/lift",
    ],
)
def test_a_number_beyond_every_row_is_no_fault_of_ours(owner: Person, path: str) -> None:
    page = owner.get(path)
    assert page.status_code == 400
    assert "can't be understood" in words(page)


@pytest.mark.parametrize("field", ["message", "as"])
def test_a_number_beyond_every_row_in_a_form_is_no_fault_of_ours(owner: Person, field: str) -> None:
    form = {"subject": "a", "html": HTML, "audience": "all", "kind": "announcement", field: HUGE}
    assert owner.post("/messages/check", form).status_code == 400


@pytest.mark.postgres
def test_a_text_that_the_database_refuses_is_no_fault_of_ours(tmp_path, postgres_url: str) -> None:
    environ = {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_DATABASE_URL": postgres_url}
    desk = open_desk(Config.from_environment(environ))
    try:
        owner = Person(create_app(desk), make_user(desk, "mara@desk.example.com", ALL))
        assert owner.get("/affiliates?q=a%00b").status_code == 400
        assert owner.post("/sign-in", {"email": "a\0b", "password": "x"}).status_code < 500
    finally:
        desk.close()


def test_no_page_is_for_search_engines(stranger: Person, owner: Person) -> None:
    for page in (stranger.get("/u/preview"), stranger.get("/sign-in"), owner.get("/"), owner.get("/nowhere")):
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_lifted_opt_out_stands_in_the_trail_also_from_the_page_of_the_affiliate(
    network: Desk, owner: Person, affiliate
) -> None:
    one = affiliate()
    owner.post("/suppressions/add", {"address": one.email, "scope": "all", "note": ""})
    owner.post(f"/affiliates/{one.id}/lift", {"scope": "all"})
    assert "suppression.lifted" in owner.get("/account/audit").text.lower().replace(" ", ".")
