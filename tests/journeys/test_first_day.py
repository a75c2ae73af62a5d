"""The first day of a network: from the set-up link to the outcome of every mail, in a real browser against a real mail server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.instance import Instance
from tests.journeys.looking import Onlooker
from tests.journeys.mail_server import PASSWORD, USER, MailServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MINE = "five quiet lighthouses"
PEOPLE = 60


@pytest.fixture
def instance(make_instance: Callable[..., Instance], server: MailServer) -> Iterator[Instance]:
    instance = make_instance(OFFERPOST_ALLOW_HOSTS=f"localhost:{server.port}").serve()
    yield instance
    instance.stop()  # before the server it keeps connections to


@pytest.fixture
def onlooker(browser: Browser, instance: Instance) -> Iterator[Onlooker]:
    onlooker = Onlooker(browser, instance.address)
    yield onlooker
    onlooker.close()


def people(folder: Path) -> Path:
    rows = [f"{100 + n},person{n}@partner.example,Person{n},Company {n},Solar" for n in range(PEOPLE)]
    path = folder / "people.csv"
    path.write_text(
        "\n".join(["affiliate_id,email,first_name,company,group", *rows, "999,no address,Nobody,,"]), "utf-8"
    )
    return path


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f'[name="{name}"]:visible').fill(value)


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=re.compile(words)).first.click()


def set_up(onlooker: Onlooker, instance: Instance, server: MailServer) -> None:
    page = onlooker.page
    page.goto(instance.setup_link)
    onlooker.look()
    fill(
        page,
        first_name="Mara",
        last_name="Lindqvist",
        email="mara@northlight.example",
        password="short",
        again="short",
    )
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_role("alert")).to_contain_text("12")
    onlooker.look()
    fill(page, password=MINE, again=MINE)
    page.locator("main button[type=submit]").first.click()

    expect(page).to_have_title(re.compile("Your network"))
    onlooker.look()
    fill(page, network_name="Northlight Partners", postal_address="Hamngatan 4, Göteborg")
    press(page, "Continue")
    expect(page).to_have_title(re.compile("Identity"))
    onlooker.look()
    fill(page, from_name="Northlight Partners", from_address="partners@mail.northlight.example")
    press(page, "Continue")
    choose_the_server(onlooker, server)


def choose_the_server(onlooker: Onlooker, server: MailServer) -> None:
    """First with a wrong password: the page says at which step it failed, and nothing is lost."""
    page = onlooker.page
    expect(page).to_have_title(re.compile("How mail leaves"))
    onlooker.look()
    page.locator('input[value="smtp"]').check()
    authority = server.authority.cert_pem.bytes().decode()
    fill(page, **{"smtp-host": "localhost", "smtp-port": str(server.port), "smtp-username": USER})
    fill(page, **{"smtp-password": "wrong"})
    page.locator(".choice:has(input[value=smtp]) summary:visible", has_text="More settings").click()
    fill(page, **{"smtp-ca_pem": authority})
    press(page, "Test and continue")
    expect(page.locator(".stages .fail")).to_contain_text("535")
    onlooker.look()
    fill(page, **{"smtp-password": PASSWORD})
    press(page, "Test and continue")

    expect(page).to_have_title(re.compile("Test mail"))
    fill(page, test_to="mara@northlight.example")
    press(page, "Send test mail")
    expect(page.locator(".state.is-accepted")).to_be_visible(timeout=20_000)
    onlooker.look()
    assert [mail.recipient for mail in server.mails] == ["mara@northlight.example"]


def import_people(onlooker: Onlooker, path: Path) -> None:
    page = onlooker.page
    page.goto("/affiliates")
    onlooker.look()
    page.goto("/affiliates/import")
    page.locator("input[type=file]").set_input_files(path)
    press(page, "Upload")
    onlooker.look()
    press(page, "Check")
    expect(page.locator("main")).to_contain_text("no address")
    onlooker.look()
    press(page, f"Import {PEOPLE} affiliates")
    expect(page.locator("h1")).to_contain_text(f"{PEOPLE} new", timeout=30_000)
    onlooker.look()


def write(onlooker: Onlooker) -> None:
    page = onlooker.page
    page.goto("/messages/new")
    onlooker.look()
    fill(
        page,
        subject="Hello [=Affiliate.FistName=]",
        html="<p>Hi [=Affiliate.FirstName|there=], welcome to [=Network.Name=].</p>",
    )
    press(page, "Review and send")
    expect(page.get_by_role("alert")).to_contain_text("[=Affiliate.FirstName=]")
    onlooker.look()
    fill(page, subject="Hello [=Affiliate.FirstName=]")
    press(page, "Review and send")
    expect(page.locator("h1")).to_contain_text(f"Send to {PEOPLE} affiliates")
    onlooker.look()


def send(onlooker: Onlooker) -> None:
    page = onlooker.page
    fill(page, number=str(PEOPLE))
    press(page, f"Send to {PEOPLE}")
    expect(page.locator("h1 + .state, .title .state").first).to_contain_text(
        "Finished with failures", timeout=60_000
    )
    onlooker.look()
    main = page.locator("main")
    expect(main).to_contain_text(re.compile(rf"Every one of the\s+{PEOPLE}\s+recipients has an outcome"))
    expect(main).to_contain_text("550 5.1.1 No such user here")


def leave(onlooker: Onlooker, server: MailServer) -> None:
    """One recipient leaves by the link of his mail; the next message tells that he is left out."""
    mail = next(mail for mail in server.mails if mail.recipient == "person7@partner.example")
    link = str(mail.message["List-Unsubscribe"]).strip("<>")
    page = onlooker.page
    page.goto(link)
    onlooker.look()
    press(page, "Leave the announcements")
    expect(page.locator("h1")).to_have_text("You left the announcements")
    page.goto("/messages/new")
    expect(page.locator("#audience-count")).to_contain_text("2 suppressed")


def test_a_newcomer_goes_from_the_set_up_link_to_the_outcome_of_every_mail(
    onlooker: Onlooker, instance: Instance, server: MailServer, tmp_path: Path
) -> None:
    server.refuse["person3@partner.example"] = "550 5.1.1 No such user here"
    set_up(onlooker, instance, server)
    import_people(onlooker, people(tmp_path))
    write(onlooker)
    send(onlooker)
    sent = sorted(mail.recipient for mail in server.mails[1:])
    assert sent == sorted(f"person{n}@partner.example" for n in range(PEOPLE) if n != 3)
    assert all(
        f"Hello Person{mail.recipient[6:].split('@')[0]}" == mail.message["Subject"]
        for mail in server.mails[1:]
    )
    leave(onlooker, server)
