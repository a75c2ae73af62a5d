"""What the values of a facet are called."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.mail.states import Kind
from webapp.mail_templates import queries
from webapp.offers.models import Offer
from webapp.reports.counting import DOMAIN, KIND, MESSAGE, OFFER, REASON, SERVER, TEMPLATE
from webapp.settings.models import MailServer

FACETS = {
    KIND: "Kind of mail",
    SERVER: "Mail server",
    DOMAIN: "Recipient domain",
    TEMPLATE: "Template or event",
    OFFER: "Offer",
    REASON: "Reason of failure",
}
KINDS = {Kind.ANNOUNCEMENT.value: "Announcements", Kind.OPERATIONAL.value: "Operational mail"}
OTHER_TEMPLATES = {MESSAGE: "Messages that people wrote", "test": "Test mails"}


def names(session: Session, facet: str, values: Sequence[str]) -> Mapping[str, str]:
    """A name for each value, also for what is not there any more."""
    called = {
        KIND: lambda: KINDS,
        SERVER: lambda: _servers(session),
        TEMPLATE: lambda: _templates(session),
        OFFER: lambda: _offers(session, values),
    }.get(facet, dict)()
    return {value: called.get(value) or _unnamed(facet, value) for value in values}


def _unnamed(facet: str, value: str) -> str:
    if facet == SERVER:
        return f"A removed server (number {value})" if value != "0" else "Not known"
    if facet == TEMPLATE:
        return value.replace("_", " ").capitalize()
    return value or {OFFER: "About no offer"}.get(facet, "Not known")


def _servers(session: Session) -> dict[str, str]:
    return {str(number): name for number, name in session.execute(select(MailServer.id, MailServer.name))}


def _templates(session: Session) -> dict[str, str]:
    return {one.slug: one.name for one in queries.templates(session)} | OTHER_TEMPLATES


def _offers(session: Session, values: Sequence[str]) -> dict[str, str]:
    cids = [value for value in values if value]
    if not cids:
        return {}
    rows = session.execute(select(Offer.cid, Offer.name).where(among(Offer.cid, cids)))
    return {cid: f"{name} ({cid})" for cid, name in rows}
