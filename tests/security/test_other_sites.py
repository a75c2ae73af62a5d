"""What a page of somebody else’s can make a browser do here: nothing, also with a token that is right (T18, T19)."""

from collections.abc import Mapping

import pytest
from flask import Flask

from tests.browser import Person, heading
from tests.house.access_table import ACCESS, KEY, WITHOUT_TOKEN
from webapp.app import create_app
from webapp.desk import Desk
from webapp.settings import store

EVIL = "https://evil.example"
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},  # a neighbour below the same domain
    {"Origin": EVIL},
    {"Origin": "null", "Referer": f"{EVIL}/page"},
    {"Referer": f"{EVIL}/page"},
]
OURS: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
    {"Origin": "null"},
]


def rename(person: Person, headers: Mapping[str, str]) -> int:
    return person.post("/account/profile", {"first_name": "Mallory"}, headers=headers).status_code


@pytest.mark.parametrize("headers", OTHERS)
def test_another_site_changes_nothing_even_with_the_right_token(
    owner: Person, headers: dict[str, str]
) -> None:
    answer = owner.post("/account/profile", {"first_name": "Mallory"}, headers=headers)
    assert (answer.status_code, heading(answer)) == (403, "This came from another site")
    assert "Mallory" not in owner.get("/account/profile").get_data(as_text=True)


@pytest.mark.parametrize("headers", OURS)
def test_our_own_pages_change_what_they_are_for(owner: Person, headers: dict[str, str]) -> None:
    assert rename(owner, headers) == 302
    assert "Mallory" in owner.get("/account/profile").get_data(as_text=True)


def test_nobody_is_signed_in_from_another_site(stranger: Person) -> None:
    answer = stranger.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_only_mail_programs_and_services_and_keys_come_from_anywhere(app: Flask) -> None:
    free = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "from_anywhere", False)
    }
    assert free == {"feedback.unsubscribe", "notices.receive"}
    keys = {endpoint for endpoint, rights in ACCESS.items() if rights[0] == KEY}
    assert {*free, *keys, "feedback.undo"} >= set(WITHOUT_TOKEN)


def test_what_must_come_from_anywhere_does(app: Flask) -> None:
    client = app.test_client()
    strange = {"Sec-Fetch-Site": "cross-site", "Origin": EVIL}
    left = client.post("/u/no-such-token", data={"List-Unsubscribe": "One-Click"}, headers=strange)
    told = client.post("/hooks/nobody", data="{}", headers=strange)
    asked = client.post("/api/affiliates", json=[], headers=strange)
    clicked = client.get("/c/no-such-token/1", headers=strange)
    assert [each.status_code for each in (left, told, asked, clicked)] == [404, 404, 401, 404]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"OFFERPOST_PUBLIC_URL": "http://post.example.com", "OFFERPOST_HSTS_DAYS": "2"}


def test_the_public_address_is_ours_although_a_proxy_says_another_host(owner: Person) -> None:
    assert rename(owner, {"Origin": "http://post.example.com"}) == 302


def test_so_is_the_one_that_the_settings_name(owner: Person, desk: Desk) -> None:
    with desk.session() as session:
        store.put(session, {"public_url": "https://mail.example.com"})
    assert rename(owner, {"Origin": "https://mail.example.com"}) == 302
    assert rename(owner, {"Origin": EVIL}) == 403


def test_over_https_cookies_stay_on_this_host_and_browsers_come_by_nothing_else(desk: Desk) -> None:
    client = create_app(desk).test_client()
    page = client.get("/forgotten", base_url="https://post.example.com")
    cookies = page.headers.getlist("Set-Cookie")
    assert all(each.startswith("__Host-offerpost=") and "Secure" in each for each in cookies)
    assert "Path=/" in cookies[0]
    assert "Domain" not in cookies[0]
    assert page.headers["Strict-Transport-Security"] == "max-age=172800"


def test_over_http_a_cookie_has_its_plain_name_and_nothing_is_promised(desk: Desk) -> None:
    page = create_app(desk).test_client().get("/forgotten")
    assert page.headers["Set-Cookie"].startswith("offerpost=")
    assert "Strict-Transport-Security" not in page.headers
