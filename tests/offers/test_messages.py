"""A message about an offer, from the form to the mail at a real server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from tests.broadcasts.sending import sender, until
from tests.browser import Person, words
from tests.journeys.mail_server import PASSWORD, USER, MailServer
from tests.network import SETTINGS
from tests.offers.conftest import Market
from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query, describe
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.models import Broadcast
from webapp.cli import main
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.offers.models import Assignment
from webapp.settings import store

HTML = (
    "<p>Hi [=Affiliate.FirstName=]: [=OfferName=] ([=CID=]) pays [=OfferPayout=], "
    '<a href="[=TrackingURL=]&amp;s=1">your link</a>.</p>[=OfferDescription=]'
)
MESSAGE = {
    "audience": "offer", "group": "", "audience_offer": "", "offer": "3071", "sender": "", "kind": "announcement",
    "server": "", "subject": "[=OfferName=] pays you [=OfferPayout=]", "html": HTML, "name": "", "then": "stay",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def environ(tmp_path: Path, server: MailServer) -> dict[str, str]:
    home = str(tmp_path / "instance")
    return {"OFFERPOST_HOME": home, "OFFERPOST_ALLOW_HOSTS": f"localhost:{server.port}"}


@pytest.fixture
def ready(desk: Desk, environ: dict[str, str], server: MailServer, market: Market, tmp_path: Path) -> Market:
    """The network can send, through a real server with TLS and sign-in."""
    with desk.session() as session:
        store.put(session, SETTINGS)
    ca = tmp_path / "ca.pem"
    server.authority.cert_pem.write_to_path(str(ca))
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    fields = ["host=localhost", f"port={server.port}", "security=starttls", f"username={USER}"]
    fields += [f"password=@{secret}", f"ca_pem=@{ca}"]
    done = offerpost(environ, "server", "add", "smtp", "main", *fields)
    assert done.exit_code == 0, done.output
    offerpost(environ, "server", "default", "main")
    return market


def offerpost(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environ)


def written(folder: Path, html: str) -> str:
    path = folder / "message.html"
    path.write_text(html, encoding="utf-8")
    return str(path)


def reached(session: Session, market: Market, expression: str, user: User | None = None) -> list[str]:
    ids = [row[0] for row in session.execute(audience_query(session, expression, user))]
    people = (market.plain, market.special, market.waiting)
    return [one.first_name for one in people if one.id in ids]


def test_every_affiliate_gets_his_own_terms_at_a_real_server(
    environ: dict[str, str], desk: Desk, server: MailServer, ready: Market, tmp_path: Path
) -> None:
    create = ["broadcast", "create", "--name", "Rise", "--subject", "[=OfferName=] pays [=OfferPayout=]"]
    create += ["--html", written(tmp_path, HTML), "--offer", "3071", "--audience", "offer:3071", "--json"]
    done = offerpost(environ, *create)
    assert done.exit_code == 0, done.output
    number = str(json.loads(done.stdout)["id"])
    assert offerpost(environ, "broadcast", "start", number).exit_code == 0
    with desk.session() as session:  # read at the claim: a correction before it counts
        session.get_one(Assignment, (ready.solar.id, ready.plain.id)).payout = None
    with sender(desk):
        until(lambda: len(server.mails) == 2)
    plain, special = (one.message for one in sorted(server.mails, key=lambda one: one.recipient))
    assert (plain["Subject"], special["Subject"]) == (
        "Solar Quotes US pays $24.00",
        "Solar Quotes US pays $30.50",
    )
    said = [str(one.get_body(("html",)).get_content()) for one in (plain, special)]  # type: ignore[union-attr]
    assert 'href="https://go.northlight.example/?c=3071&amp;a=1&amp;s=1"' in said[0]
    assert 'href="https://own.example/bo&amp;s=1"' in said[1]
    assert all("<p>Home owners.</p>" in one and "(3071)" in one for one in said)


def test_a_message_goes_through_the_offers_that_each_affiliate_runs(
    environ: dict[str, str], desk: Desk, server: MailServer, ready: Market, tmp_path: Path
) -> None:
    rows = (
        "[=each Offers=]<tr><td><a href='[=TrackingURL=]'>[=OfferName=]</a> [=OfferPayout=]</td></tr>[=end=]"
    )
    html = f"<p>Hi</p>[=if Offers=]<table>{rows}</table>[=else=]<p>Ask us for an offer.</p>[=end=]"
    create = [
        "broadcast",
        "create",
        "--name",
        "Yours",
        "--subject",
        "[=if Offers=]Your offers[=else=]News[=end=]",
    ]
    done = offerpost(environ, *create, "--html", written(tmp_path, html), "--json")
    assert done.exit_code == 0, done.output
    assert offerpost(environ, "broadcast", "start", str(json.loads(done.stdout)["id"])).exit_code == 0
    with sender(desk):
        until(lambda: len(server.mails) == 3)
    got = [one.message for one in sorted(server.mails, key=lambda one: one.recipient)]
    assert [mail["Subject"] for mail in got] == ["Your offers", "Your offers", "News"]
    said = [str(one.get_body(("html",)).get_content()) for one in got]  # type: ignore[union-attr]
    links = [
        re.findall(r'<a [^>]*href="([^"]*)"[^>]*>Solar Quotes US</a> (\S+)</td></tr>', one) for one in said
    ]
    assert links == [
        [("https://go.northlight.example/?c=3071&amp;a=1", "$24.00")],
        [("https://own.example/bo", "$30.50")],
        [],
    ]
    assert ["Ask us for an offer." in one for one in said] == [False, False, True]


def test_an_offers_tokens_need_an_offer(environ: dict[str, str], ready: Market, tmp_path: Path) -> None:
    create = [
        "broadcast",
        "create",
        "--name",
        "x",
        "--subject",
        "[=OfferName=]",
        "--html",
        written(tmp_path, HTML),
    ]
    assert "this mail is not about one" in offerpost(environ, *create).stderr
    done = offerpost(environ, *create, "--offer", "9999")
    assert done.exit_code == 1
    assert "There is no offer with the CID “9999”" in done.stderr


AUDIENCES = [
    ("offer:3071", ["Ana", "Bo"]),
    ("all-offer:3071", ["Cy"]),
    ("without:3071", []),
    ("without:4000", ["Ana", "Bo", "Cy"]),
    ("my.offer:3071", ["Bo"]),
    ("my.without:4000", ["Bo", "Cy"]),
    ('offer:"3071"-my', ["Ana"]),
]


def test_audiences_go_by_who_runs_the_offer(session: Session, market: Market) -> None:
    for one in (market.special, market.waiting):
        session.get_one(Affiliate, one.id).manager_id = market.cleo.id
    session.flush()
    for expression, names in AUDIENCES:
        assert reached(session, market, expression, market.cleo) == names, expression


def test_an_offer_that_is_not_there_is_named_with_the_nearest(session: Session, market: Market) -> None:
    with pytest.raises(Invalid, match="Did you mean “3071”"):
        reached(session, market, "offer:3072")
    assert describe(session, "my.without:3071-offer:4000") == (
        "My affiliates not yet on offer 3071, without affiliates on offer 4000"
    )


def test_a_message_about_an_offer_is_written_seen_and_reviewed(
    owner: Person, desk: Desk, ready: Market
) -> None:
    assert "Solar US (3071)" in words(owner.get("/messages/new?offer=3071"))
    owner.post("/messages/new", MESSAGE)
    with desk.reading() as session:
        message = session.query(Broadcast).one()
    assert (message.offer_cid, message.audience) == ("3071", "offer:3071")
    seen = owner.get(f"/messages/{message.id}/preview/{ready.special.id}").get_data(as_text=True)
    assert "$30.50" in seen
    assert "https://own.example/bo" in seen
    assert "[=OfferPayout=]" in words(owner.get(f"/messages/{message.id}/edit"))
    page = words(owner.get(f"/messages/{message.id}/review"))
    assert "2 affiliates get the mail" in page
    assert "The offer is" not in page
    owner.post(f"/offers/{ready.solar.id}/status", {"status": "paused", "silent": "yes"})
    assert "The offer is paused" in words(owner.get(f"/messages/{message.id}/review"))


def test_who_has_no_tracking_link_is_listed_and_left_out(owner: Person, desk: Desk, ready: Market) -> None:
    owner.post("/messages/new", {**MESSAGE, "audience": "all"})
    page = words(owner.get("/messages/1/review"))
    assert "1 affiliate lacks a value that the text uses" in page
    assert "[=TrackingURL=]" in page
    assert "p3@example.com" in page
    assert "2 affiliates get the mail" in page


def test_a_stranger_to_the_offer_may_not_write_about_it_nor_to_its_affiliates(
    app: Flask, desk: Desk, ready: Market
) -> None:
    with desk.session() as session:
        session.get_one(User, ready.cleo.id).rights = ["edit_own_offers", "send_to_all"]
    cleo = Person(app, ready.cleo)
    assert "Secret Travel" not in words(cleo.get("/messages/new"))
    for fields in ({"offer": "4000"}, {"audience_offer": "4000"}):
        assert "isn’t one of yours" in words(cleo.post("/messages/new", {**MESSAGE, **fields}))
    part = words(cleo.post("/messages/audience", {**MESSAGE, "audience_offer": "4000"}))
    assert "isn’t one of yours" in part
    assert cleo.post("/messages/new", MESSAGE).status_code == 302
