"""Every page of a network with a past, wide and narrow, light and dark: nothing that axe, the console or the eye would mind."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.journeys.instance import Instance
from tests.journeys.looking import NARROW, WIDE, Onlooker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = (
    "/",
    "/messages",
    "/messages/new",
    "/messages/5",
    "/messages/5?state=unknown",
    "/messages/5/resend/failed",
    "/messages/6/edit",
    "/messages/6/review",
    "/affiliates",
    "/affiliates?q=nobody-is-called-so",
    "/affiliates/1",
    "/affiliates/1/edit",
    "/affiliates/groups",
    "/affiliates/import",
    "/offers",
    "/offers/1",
    "/offers/1/edit",
    "/offers/1/creatives/1",
    "/assignments",
    "/assignments/1/1",
    "/suppressions",
    "/tokens",
    "/domain-check",
    "/domain-check/keys",
    "/domain-check/live",
    "/mail-folder",
    "/account/email-settings",
    "/account/email-settings/routes",
    "/account/users",
    "/account/users/new",
    "/account/users/2",
    "/account/audit",
    "/account/affiliates-page",
    "/my/sign-in",
    "/account/profile",
    "/no-such-page",
)
VIEWS = {
    "wide": (WIDE, "light"),
    "wide and dark": (WIDE, "dark"),
    "narrow": (NARROW, "light"),
    "narrow and dark": (NARROW, "dark"),
}


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_sound(view: str, make_instance: Callable[..., Instance], browser: Browser) -> None:
    instance = make_instance()
    token = re.findall(r"/password/(\S+)", instance.run("demo"))[0]
    instance.serve("--no-worker")
    size, scheme = VIEWS[view]
    onlooker = Onlooker(browser, instance.address, size=size, scheme=scheme)
    onlooker.page.goto(f"/password/{token}")
    for field in onlooker.page.locator("input[type=password]").all():
        field.fill("five quiet lighthouses")
    onlooker.page.locator("main button[type=submit]").first.click()
    onlooker.page.wait_for_url("**/")
    wrong = []
    for address in PAGES:
        answer = onlooker.page.goto(address)
        assert answer is not None
        if answer.status != (404 if "no-such" in address else 200):
            wrong.append(f"{address} answered {answer.status}")
        try:
            onlooker.look()
        except AssertionError as found:
            wrong.append(str(found))
        onlooker.trouble.clear()
    onlooker.close()
    assert wrong == []


def test_the_onlooker_sees_what_is_wrong(browser: Browser) -> None:
    onlooker = Onlooker(browser, "http://127.0.0.1")
    onlooker.page.set_content(
        "<html><body><p style='width: 3000px; color: #ddd'>pale</p><input></body></html>"
    )
    with pytest.raises(AssertionError) as found:
        onlooker.look()
    for rule in ("color-contrast", "label", "html-has-lang", "scrolls sideways"):
        assert rule in str(found.value)
    onlooker.close()
