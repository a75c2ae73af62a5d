"""Numbers of real things that belong to somebody else: every address answers as if they were not there."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from tests.browser import Person
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.digests.models import Digest
from webapp.imports.models import ImportRun
from webapp.mail.models import OutboxMail
from webapp.offers.models import Offer
from webapp.segments.models import Segment
from webapp.web.access import AFFILIATE, KEY, rights_of

PUBLIC_BY_TOKEN = {
    "applications.confirm",
    "static",
    "accounts.setup",
    "accounts.choose_password",
    "feedback.unsubscribe",
    "feedback.undo",
    "feedback.preferences",
    "notices.receive",
    "tracking.follow",
    "tracking.picture",
    "portal.enter",
    "portal.again",
    "portal.creatives_of",
}
EVERYBODYS = {"feedback.lift"}  # the list of suppressions is the network's, whoever may manage it
SEEN_BY_WHO_VIEWS_OFFERS = {
    "offers.show",
    "offers.assignments",
}  # an offer is no secret, whose affiliates run it is
READ_BY_THE_LOG = {
    "broadcasts.show",
    "broadcasts.progress",
    "broadcasts.mail",
    "broadcasts.outcome_csv",
    "broadcasts.clicks",
    "broadcasts.clicks_csv",
    "reports.message",
    "reports.message_csv",
}


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Every address that names a thing, with each of its methods."""
    for rule in app.url_map.iter_rules():
        if (rights_of(app, rule.endpoint) or ("",))[0] in (AFFILIATE, KEY):
            continue  # no colleague opens these at all: tests/portal and tests/api walk them
        if rule.arguments and rule.endpoint not in PUBLIC_BY_TOKEN | EVERYBODYS:
            for method in sorted({"GET", "POST"} & set(rule.methods or ())):
                yield method, rule


def dump(desk: Desk) -> list[str]:
    connection = desk.engine.raw_connection()
    try:
        return list(connection.driver_connection.iterdump())  # type: ignore[union-attr]
    finally:
        connection.close()


def test_no_address_opens_what_belongs_to_a_colleague(
    app: Flask,
    network: Desk,
    ann: Person,
    bob: Person,
    of_bob: Affiliate,
    draft: Broadcast,
    test_mail: OutboxMail,
    run: ImportRun,
    offer: Offer,
    segment: Segment,
    digest: Digest,
) -> None:
    assert bob.user is not None
    numbers = {
        "user_id": bob.user.id,
        "server_id": 1,
        "mail_id": test_mail.id,
        "broadcast_id": draft.id,
        "affiliate_id": of_bob.id,
        "offer_id": offer.id,
        "which": "failed",
        "folder_name": "outbox",
        "name": "a.eml",
        "slug": "application_approved",
        "number": 1,
        "creative": 1,
        "request_id": 1,
    }
    before = dump(network)
    for method, rule in routes(app):
        key = run.id if "/import/" in rule.rule else of_bob.id
        values = {name: {**numbers, "key": key}[name] for name in rule.arguments}
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        answer = ann.get(path) if method == "GET" else ann.post(path, {"status": "closed", "scope": "all"})
        shown = method == "GET" and rule.endpoint in SEEN_BY_WHO_VIEWS_OFFERS and answer.status_code == 200
        assert shown or answer.status_code in (403, 404), f"{method} {path} → {answer.status}"
        assert "Bobs Secret Partner" not in answer.text, path
        assert "secret@partner.example.com" not in answer.text, path
    assert dump(network) == before


def test_who_reads_the_log_steers_no_message_of_a_colleague(
    app: Flask, network: Desk, ann: Person, started: Broadcast
) -> None:
    before = dump(network)
    for method, rule in routes(app):
        if rule.arguments == {"broadcast_id"} and rule.endpoint not in READ_BY_THE_LOG | {"broadcasts.copy"}:
            with app.test_request_context():
                path = app.url_for(rule.endpoint, broadcast_id=started.id)
            answer = ann.get(path) if method == "GET" else ann.post(path)
            assert answer.status_code in (403, 404), f"{method} {path} → {answer.status}"
    assert dump(network) == before


def test_a_mail_is_shown_only_below_the_message_it_belongs_to(
    network: Desk, ann: Person, started: Broadcast, test_mail: OutboxMail
) -> None:
    assert ann.get(f"/messages/{started.id}/mails/{test_mail.id}").status_code == 404
