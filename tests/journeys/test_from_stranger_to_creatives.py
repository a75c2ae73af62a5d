"""Somebody applies, becomes an affiliate, asks for an offer, and opens its creatives: by the public form and by mails alone."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from tests.journeys.instance import Instance
from tests.journeys.looking import NARROW, Onlooker
from tests.journeys.mail_server import MailServer
from webapp.applications.guard import SOONEST

pytestmark = pytest.mark.browser

DANA = "dana@brightleads.example"
OFFER = {
    "cid": "3071",
    "name": "Solar Quotes US",
    "payout": "24",
    "type": "CPL",
    "tracking_url": "https://go.track.example/?c=[=CID=]&a=[=Affiliate.ID=]",
}
CODE = '<a href="[=TrackingURL=]">Compare quotes</a>'
HERS = "https://go.track.example/?c=3071&a=2077"


@pytest.fixture
def dana(mara: Onlooker, browser: Browser) -> Iterator[Onlooker]:
    """A stranger with a telephone."""
    onlooker = Onlooker(browser, mara.address, size=NARROW)
    yield onlooker
    onlooker.close()


def press(page: Page, words: str) -> None:
    page.locator("main").get_by_role("button", name=words, exact=True).click()


def link_in_mail(server: MailServer, recipient: str, subject: str, words: str) -> str:
    """Where the link of that name leads, in the mail of that subject, as soon as it has come."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for taken in server.mails:
            if taken.recipient == recipient and subject in taken.message["Subject"]:
                part = taken.message.get_body(("html",))
                assert part is not None
                (found,) = html.document_fromstring(part.get_content()).xpath(
                    "//a[.=$words]/@href", words=words
                )
                return str(found)
        time.sleep(0.05)
    raise AssertionError(
        f"no “{subject}” among {[(m.recipient, str(m.message['Subject'])) for m in server.mails]}"
    )


def open_the_form(mara: Onlooker) -> None:
    page = mara.page
    page.goto("/applications")
    page.get_by_role("link", name="Open the public form").click()
    page.locator("select#applications").select_option("on")
    press(page, "Save")


def make_the_offer(northlight: Instance, mara: Onlooker, folder: Path) -> None:
    path = folder / "offers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([OFFER.keys(), OFFER.values()])
    northlight.tell("offers", "import", str(path))
    page = mara.page
    page.goto("/offers")
    page.get_by_role("link", name="Solar Quotes US").click()
    page.get_by_role("link", name="Add creative").click()
    page.fill("#name", "Text link")
    page.select_option("#kind", "link")
    page.fill("#code", CODE)
    press(page, "Save")


def apply(dana: Onlooker, server: MailServer) -> None:
    page = dana.page
    page.goto("/apply")
    time.sleep(SOONEST + 1)  # a person types; the form takes whoever is quicker for a machine
    page.fill("#first_name", "Dana")
    page.fill("#last_name", "Whitfield")
    page.fill("#email", DANA)
    page.fill("#company", "Bright Leads")
    page.fill("#website", "brightleads.example")
    press(page, "Apply")
    expect(page.locator("h1")).to_have_text("Look into your mailbox")
    page.goto(link_in_mail(server, DANA, "we have your application", "Confirm my address"))
    press(page, "Yes, send my application")
    expect(page.locator("h1")).to_have_text("We have your application")


def approve_her(mara: Onlooker, server: MailServer) -> None:
    """From the mail to the team; then she gets the ID by which the tracking platform knows her."""
    page = mara.page
    page.goto(link_in_mail(server, "mara@northlight.example", "Bright Leads", "Look at it"))
    press(page, "Approve")
    expect(page.locator("h1")).to_have_text("Approve 1 application?")
    press(page, "Approve")
    expect(page.locator(".banner.is-ok")).to_contain_text("1 application was approved")
    page.goto("/affiliates")
    page.get_by_role("link", name="Bright Leads").click()
    page.get_by_role("link", name="Change").click()
    page.fill("#affiliate_id", "2077")
    press(page, "Save")
    expect(page.locator("main")).to_contain_text("2077")


def ask_for_the_offer(dana: Onlooker, server: MailServer) -> None:
    page = dana.page
    page.goto(link_in_mail(server, DANA, "Welcome to Northlight Partners, Dana", "Open my account"))
    press(page, "Open my page")
    expect(page.locator("h1")).to_have_text("My offers")
    page.get_by_role("link", name="Look at the offers").click()
    page.get_by_role("link", name="Solar Quotes US").click()
    press(page, "Ask for this offer")
    expect(page.locator("main")).to_contain_text("Your request is with us.")


def let_her_run_it(mara: Onlooker, server: MailServer) -> None:
    page = mara.page
    page.goto(link_in_mail(server, "mara@northlight.example", "Bright Leads asks for", "Answer the request"))
    page.get_by_label("Bright Leads").first.check()
    press(page, "Approve")
    expect(page.locator("h1")).to_have_text("Approve 1 request?")
    press(page, "Approve")
    expect(page.locator(".banner.is-ok")).to_contain_text("1 row was approved")
    assert link_in_mail(server, DANA, "You can run Solar Quotes US now", HERS) == HERS
    page.goto("/offers")
    page.get_by_role("link", name="Solar Quotes US").click()
    press(page, "Send to those who run it")
    expect(page.locator("h1")).to_have_text("Send the creatives of Solar Quotes US?")
    press(page, "Send")
    expect(page.locator(".banner.is-ok")).to_contain_text("1 mail is on the way")


def test_a_stranger_becomes_an_affiliate_who_has_the_creatives(
    northlight: Instance, mara: Onlooker, dana: Onlooker, server: MailServer, tmp_path: Path
) -> None:
    open_the_form(mara)
    make_the_offer(northlight, mara, tmp_path)
    apply(dana, server)
    approve_her(mara, server)
    ask_for_the_offer(dana, server)
    let_her_run_it(mara, server)
    page = dana.page
    dana.context.clear_cookies()  # the next day, on another device
    page.goto(link_in_mail(server, DANA, "Creatives for Solar Quotes US", "See all creatives"))
    press(page, "Open the creatives")
    expect(page.locator("#tracking-link")).to_have_text(HERS)
    expect(page.locator("main pre")).to_have_text(f'<a href="{HERS}">Compare quotes</a>')
    dana.look()
    assert mara.trouble == []
