"""Writing, sending and following a message in Chromium, among affiliates with hostile names."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.instance import Instance
from tests.journeys.looking import AXE, NARROW, Onlooker

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=https://canary.example/x.png onerror=alert(2)>',
    "'-alert(3)-'",
    "{{7*7}}${7*7}<%= 7*7 %>",
)
CSV = "affiliate_id,email,first_name,company,group\n" + "".join(
    f'"{100 + n}","a{n}@a.example.com","{name.replace(chr(34), chr(34) * 2)}","{name.replace(chr(34), chr(34) * 2)}","Gold"\n'
    for n, name in enumerate(HOSTILE)
)
SETTINGS = (
    "network_name=Northlight",
    "postal_address=Hamngatan 4",
    "from_name=Northlight",
    "from_address=news@mail.northlight.example.com",
)


@pytest.fixture
def running(make_instance: Callable[..., Instance], tmp_path: Path) -> Instance:
    instance = make_instance()
    instance.run("settings", "set", *SETTINGS)
    file = tmp_path / "affiliates.csv"
    file.write_text(CSV, "utf-8")
    instance.run("affiliates", "import", str(file))
    return instance.serve()


@pytest.fixture
def onlooker(running: Instance, browser: Browser) -> Iterator[Onlooker]:
    """The administrator, signed in."""
    said = running.run("user", "add", "mara@northlight.example.com", "--name", "Mara Lindqvist", "--admin")
    link = re.search(r"/password/\S+", said)
    assert link is not None, said
    person = Onlooker(browser, running.address)
    person.page.goto(link[0])
    for box in person.page.locator("input[type=password]").all():
        box.fill("four words nobody strings together")
    person.page.locator("main button[type=submit]").click()
    person.page.goto("/sign-in")
    if person.page.locator("[name=email]").count():
        person.page.fill("[name=email]", "mara@northlight.example.com")
        person.page.fill("[name=password]", "four words nobody strings together")
        person.page.locator("main button[type=submit]").click()
    expect(person.page.locator("h1")).to_have_text("Overview")
    yield person
    person.close()


def test_a_message_is_written_previewed_sent_and_followed(onlooker: Onlooker) -> None:
    page = onlooker.page
    page.goto("/messages/new")
    mail = page.frame_locator("iframe[name=mail]")
    page.fill("#subject", "For [=Affiliate.FirstName|you=]")
    page.fill("#html", "<p>Dear ,</p>")
    expect(mail.locator("body")).to_contain_text("Dear ,")

    page.evaluate("document.getElementById('html').setSelectionRange(8, 8)")
    page.fill("#token-search", "company")
    page.locator("[data-token='[=Affiliate.CompanyName=]']").click()
    expect(page.locator("#html")).to_have_value("<p>Dear [=Affiliate.CompanyName=],</p>")
    expect(mail.locator("body")).to_contain_text(HOSTILE[0])
    page.locator("[data-step='1']").click()
    expect(mail.locator("body")).to_contain_text("canary.example")

    page.fill("#html", "<p>Dear [=Affiliate.CompnyName=]</p>")
    page.locator("[data-replace]").click()
    expect(page.locator("#html")).to_have_value("<p>Dear [=Affiliate.CompanyName=]</p>")
    if AXE.exists():
        onlooker.look()

    page.get_by_role("button", name="Review and send…").click()
    expect(page.locator("h1")).to_have_text("Send to 4 affiliates?")
    page.get_by_role("button", name="Send to 4").click()
    # Nobody reloads: the page finds out by itself.
    expect(page.locator("#message-head .state")).to_have_text("Finished", timeout=30_000)
    expect(page.locator("#progress")).to_contain_text("Every one of the 4 recipients has an outcome")
    expect(page.locator("#recipients")).to_contain_text("Accepted")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    if AXE.exists():
        onlooker.look()
    assert onlooker.trouble == []


def test_hostile_names_open_no_dialog_and_call_no_other_host(onlooker: Onlooker) -> None:
    page = onlooker.page
    page.goto("/messages/new")
    page.fill("#name", HOSTILE[0])
    page.fill("#subject", f"{HOSTILE[1]} [=Affiliate.FirstName=]")
    page.fill("#html", "<p>[=Affiliate.FirstName=] [=Affiliate.CompanyName=]</p>")
    page.locator(".save-bar button").click()
    expect(page.locator("h1")).to_have_text(HOSTILE[0])
    edit = page.url
    for path in ("/messages", "/", edit, edit.replace("/edit", "/review").partition("?")[0]):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    for _ in HOSTILE:
        page.goto(edit)
        page.locator("[data-step='1']").click()
        page.wait_for_load_state("networkidle")
    assert onlooker.trouble == []
