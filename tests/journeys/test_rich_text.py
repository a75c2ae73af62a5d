"""Rich text beside the source, in a real browser: it is offered only where it gives back the same document."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.instance import Instance
from tests.mail_templates.documents import OWN_DESIGN
from webapp.mail_templates.catalogue import SYSTEM

pytestmark = pytest.mark.browser
PASSWORD = "four words nobody strings together"

LOSSLESS = (
    '<p>Hi [=Affiliate.FirstName|there=],</p>\n<p>it is <b>good</b>:<br>\n<a class="button" href="[=AutoLogin=]">Open</a></p>',
    "<ul>\n<li>one</li>\n<li>two &amp; three</li>\n</ul>",
)
REFUSED = (
    OWN_DESIGN,
    "<table><tr><td>a table</td></tr></table>",
    '<p style="color:red">inline style</p>',
    "<p>a comment <!-- kept --></p>",
    '<p><a href="javascript:alert(1)">x</a></p>',
    SYSTEM["offer_digest"].default.html,  # a row for each offer
)
SHIPPED = [template.default.html for template in SYSTEM.values() if template.default.html not in REFUSED]


def test_rich_text_keeps_what_it_shows_and_is_not_offered_for_the_rest(
    make_instance: Callable[..., Instance], browser: Browser
) -> None:
    instance = make_instance()
    page = _signed_in(instance, browser)
    page.goto("/templates/new")
    source, rich = page.locator("textarea#html"), page.locator("[data-rich]")
    for html in REFUSED:
        source.fill(html)
        assert not rich.is_visible(), html
    for html in (*LOSSLESS, *SHIPPED):
        source.fill(html)
        assert rich.is_visible(), html
        rich.click()
        rich.click()
        assert source.input_value() == html  # a look changes nothing
    source.fill(LOSSLESS[0])
    rich.click()
    page.locator("[data-rich-body]").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Yes.")
    page.locator('[data-token="[=Affiliate.ID=]"]').click()
    rich.click()
    assert source.input_value() == LOSSLESS[0].replace("</a></p>", "</a> Yes.[=Affiliate.ID=]</p>")


def _signed_in(instance: Instance, browser: Browser) -> Page:
    link = instance.run("user", "add", "mara@desk.example.com", "--admin").split("/password/")[1].split()[0]
    instance.serve()
    page = browser.new_context(base_url=instance.address).new_page()
    page.goto(f"/password/{link}")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    return page
