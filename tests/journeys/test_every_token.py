"""Every token in one message: pasted, put right where the editor says so, looked at, sent, and compared word for word."""

import csv
import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html
from playwright.sync_api import expect

from tests.journeys.instance import Instance
from tests.journeys.looking import Onlooker
from tests.journeys.mail_server import MailServer, Taken
from webapp.mail.tokens.catalogue import OFFER, TOKENS, Kind, TokenSpec

pytestmark = pytest.mark.browser

PEOPLE = (
    ("1042", "zoe@a.example", "Zoë", "O’Neill & Sons", "BL-77"),
    ("1043", "li@b.example", "李", "<b>Bold</b> Media", ""),
    ("1044", "ana@c.example", "Ana", '"=1+1" Leads', "a b&c=3"),
    ("1045", "not-on-it@d.example", "Olaf", "Elsewhere", "x"),
)
OWN_TERMS = (("1042", "", ""), ("1043", "31.5", ""), ("1044", "", "https://own.track.example/ana?s=1"))
OFFER_ROW = {
    "cid": "3071", "name": "Solar internal", "title": "Solar <Quotes> US", "payout": "24", "currency": "USD", "type": "CPL",
    "description": "<p>Home owners, <b>one</b> form.</p>", "special_instructions": "<p>No incentives.</p>",
    "end_date": "2031-12-31", "tracking_url": "https://go.track.example/?c=[=CID=]&a=[=Affiliate.ID=]",
    "logo_url": "https://img.example/solar.png", "suppression_list_url": "https://files.example/s/3071",
    "from_lines": "Solar Quotes\nSolar Desk", "subject_lines": "Cut your power bill",
}  # fmt: skip
OF_OFFERS = [spec for spec in TOKENS.values() if OFFER in spec.valid_in]
NOT_OF_OFFERS = [spec for spec in TOKENS.values() if OFFER not in spec.valid_in]
COMPLAINTS = sum(2 if spec.kind is Kind.URL else 1 for spec in NOT_OF_OFFERS)  # an address stands there twice
SIGNED = {
    "AutoLogin": "l/a",
    "AutoLogintoCreatives": "l/c",
    "Unsubscribe.Link": "u",
    "Preferences.Link": "l/m",
}
SUBJECT = "[=OfferName=] for [=Affiliate.FistName=]"
LINE = "<div>{0}: [={0}|none=]</div>"
ADDRESS = '<div>{0}: <a href="[={0}=]">[={0}=]</a></div>'
LINK = '<p><a href="https://stats.example/?of=[=Affiliate.AltID|none=]">Figures</a> <a href="[=TrackingURL=]">Mine</a></p>'


def template(specs: list[TokenSpec]) -> str:
    return "\n".join(
        [*((ADDRESS if spec.kind is Kind.URL else LINE).format(spec.name) for spec in specs), LINK]
    )


def file_of(folder: Path, name: str, columns: str, rows: list[tuple[str, ...]]) -> str:
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns.split(), *rows])
    return str(path)


@pytest.fixture
def rows(northlight: Instance, tmp_path: Path) -> None:
    """Four affiliates of one manager, three of them on the offer."""
    added = northlight.tell("user", "add", "marco@northlight.example", "--name", "Marco Reyes")
    assert "marco@" in added
    columns = "affiliate_id email first_name company alt_id last_name group manager_email"
    columns += " additional_data1 additional_data2 user_name"
    more = ("Whitfield", "Gold partners", "marco@northlight.example", "EMEA", "Net 15")
    people = [(*person, *more, f"user-{person[0]}") for person in PEOPLE]
    northlight.tell("affiliates", "import", file_of(tmp_path, "affiliates", columns, people))
    offer = file_of(tmp_path, "offers", " ".join(OFFER_ROW), [tuple(OFFER_ROW.values())])
    northlight.tell("offers", "import", offer)
    terms = [(number, "3071", "approved", payout, link) for number, payout, link in OWN_TERMS]
    columns = "affiliate_id cid state payout tracking_url"
    northlight.tell("assignments", "import", file_of(tmp_path, "terms", columns, terms))


def how_to_reach_marco(mara: Onlooker) -> None:
    page = mara.page
    page.goto("/account/users")
    page.get_by_role("link", name="Marco Reyes").click()
    page.fill("#phone", "+1 801 555 0134")
    page.fill("#im", "live:marco")
    page.fill("#picture", "https://img.example/marco.png")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_load_state()


def write(mara: Onlooker) -> None:
    """All tokens are pasted; the editor names each that can't be used and mends the misspelt one."""
    page, lint = mara.page, mara.page.locator("#lint .lint")
    page.goto("/messages/new")
    page.select_option("#audience", "offer")
    page.select_option("#offer", "3071")
    page.fill("#subject", SUBJECT)
    page.fill("#html", template(list(TOKENS.values())))
    expect(lint).to_have_count(COMPLAINTS + 1)
    said = " ".join(lint.all_inner_texts())
    assert [spec.name for spec in NOT_OF_OFFERS if f"[={spec.name}" not in said] == []
    lint.filter(has_text="Affiliate.FistName").get_by_role("button", name="Replace").click()
    expect(page.locator("#subject")).to_have_value("[=OfferName=] for [=Affiliate.FirstName=]")
    expect(lint).to_have_count(COMPLAINTS)
    page.fill("#html", template(OF_OFFERS))
    expect(lint).to_have_count(0)


def preview(mara: Onlooker) -> None:
    page, mail = mara.page, mara.page.frame_locator("iframe[name=mail]").locator("body")
    for number, person in enumerate(PEOPLE[:3]):
        if number:
            page.get_by_role("link", name="Next affiliate").click()
        expect(page.locator("#look .subject")).to_contain_text(f"for {person[2]}")
        expect(mail).to_contain_text(f"Affiliate.CompanyName: {person[3]}")


def send(mara: Onlooker) -> None:
    page = mara.page
    page.get_by_role("button", name="Review and send…").click()
    expect(page.locator("h1")).to_have_text("Send to 3 affiliates?")
    page.get_by_role("button", name="Send to 3").click()
    expect(page.locator("#message-head .state")).to_have_text("Finished", timeout=30_000)
    expect(page.locator("#progress")).to_contain_text("Every one of the 3 recipients has an outcome")


def row_of(home: Path, number: str) -> dict[str, str]:
    """What the database holds for an affiliate on the offer, in words of its own columns."""
    with sqlite3.connect(home / "offerpost.db") as database:
        database.row_factory = sqlite3.Row
        found = database.execute(
            "SELECT a.*, g.name AS group_name, s.payout AS own_payout, s.tracking_url AS own_link, u.first_name AS m_first,"
            " u.last_name AS m_last, u.email AS m_email, u.phone AS m_phone, u.im AS m_im, u.picture AS m_picture,"
            " o.payout AS offer_payout, o.description, o.special_instructions, o.title, o.cid, o.tracking_url, o.logo_url,"
            " o.suppression_list_url, o.from_lines, o.subject_lines"
            " FROM affiliates a JOIN affiliate_groups g ON g.id = a.group_id"
            " JOIN users u ON u.id = a.manager_id JOIN assignments s ON s.affiliate_id = a.id JOIN offers o ON o.id = s.offer_id"
            " WHERE a.affiliate_id = ?",
            (number,),
        ).fetchone()
    return {key: "" if found[key] is None else str(found[key]) for key in found.keys()}  # noqa: SIM118 - of a Row


def expected(row: Mapping[str, str], address: str, day: str) -> dict[str, str]:
    """Token → what a reader sees in its place; worked out by hand, without a line of the code that composes."""
    bare = f"{int(row['own_payout'] or row['offer_payout']) / 10_000:.2f}"
    link = row["tracking_url"].replace("[=CID=]", row["cid"]).replace("[=Affiliate.ID=]", row["affiliate_id"])
    return {
        "Affiliate.ID": row["affiliate_id"], "Affiliate.FirstName": row["first_name"], "Affiliate.LastName": row["last_name"],
        "Affiliate.CompanyName": row["company"], "Affiliate.GroupName": row["group_name"], "Affiliate.GroupID": row["group_id"],
        "Affiliate.AltID": row["alt_id"] or "none", "Affiliate.AdditionalData1": row["additional_data1"],
        "Affiliate.AdditionalData2": row["additional_data2"], "Affiliate.Email": row["email"],
        "Affiliate.UserName": row["user_name"], "AffiliateManager.FirstName": row["m_first"],
        "AffiliateManager.LastName": row["m_last"], "AffiliateManager.Email": row["m_email"],
        "AffiliateManager.Phone": row["m_phone"], "AffiliateManager.IM": row["m_im"],
        "AffiliateManager.Picture": row["m_picture"],
        "Network.Name": "Northlight Partners", "Network.Address": "Hamngatan 4, Göteborg",
        "Network.LoginURL": f"{address}/my/sign-in", "Today": day,
        "Sender.Name": "Northlight Partners", "Sender.Email": "partners@mail.northlight.example",
        "OfferName": row["title"], "CID": row["cid"], "OfferPayout": f"${bare}", "OfferPayoutNoCurrencySymbol": bare,
        "OfferDescription": "Home owners, one form.", "TrackingURL": row["own_link"] or link, "OfferEndDate": "31 December 2031",
        "OfferType": "Cost per lead", "OfferLogo": row["logo_url"], "OfferSpecialInstructions": "No incentives.",
        "OfferSuppressionListURL": row["suppression_list_url"], "OfferFromLines": row["from_lines"],
        "OfferSubjectLines": row["subject_lines"], "ManualLogintoCreatives": f"{address}/creatives/{row['cid']}",
        **{name: f"{address}/{path}/SIGNED" for name, path in SIGNED.items()},
    }  # fmt: skip


def words(text: str) -> str:
    return " ".join(text.split())


def unsigned(text: str) -> str:
    """The text with its signed links in one shape: what they are signed with is nobody's to foresee."""
    return re.sub(r"(/(?:u|l/[a-z]))/[A-Za-z0-9_.-]{12,}", r"\1/SIGNED", text)


def compare(taken: Taken, row: Mapping[str, str], address: str, day: str) -> None:
    known, mail = expected(row, address, day), taken.message
    values = {spec.name: known[spec.name] for spec in OF_OFFERS}
    part, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert part is not None
    assert plain is not None
    tree = html.document_fromstring(part.get_content())
    shown = "\n".join(f"{name}: {value}" for name, value in values.items())
    figures = f"https://stats.example/?of={quote(values['Affiliate.AltID'], safe='')}"
    assert mail["Subject"] == f"{values['OfferName']} for {values['Affiliate.FirstName']}"
    body = tree.find_class("words")[0]
    assert unsigned(words(body.text_content())) == words(f"{shown} Figures Mine")
    addresses = [value for value in values.values() if value.startswith("http")]
    assert [unsigned(link) for link in body.xpath(".//a/@href")] == [
        *addresses,
        figures,
        values["TrackingURL"],
    ]
    lines = f"{shown} Figures ({figures}) Mine ({values['TrackingURL']})"
    assert unsigned(words(plain.get_content())) == words(f"Northlight Partners {lines} Northlight Partners")


def test_each_mail_holds_for_every_token_what_the_database_holds(
    northlight: Instance, rows: None, mara: Onlooker, server: MailServer
) -> None:
    how_to_reach_marco(mara)
    write(mara)
    preview(mara)
    now = datetime.now(UTC)
    send(mara)
    assert sorted(mail.recipient for mail in server.mails) == sorted(person[1] for person in PEOPLE[:3])
    for mail in server.mails:
        number = next(person[0] for person in PEOPLE if person[1] == mail.recipient)
        compare(mail, row_of(northlight.home, number), mara.address, f"{now.day} {now:%B %Y}")
    links = [re.findall(rb"/(?:u|l/[a-z])/[\w.-]{12,}", mail.content) for mail in server.mails]
    assert len({link for one in links for link in one}) == sum(
        len(set(one)) for one in links
    )  # none is shared
    assert mara.trouble == []
