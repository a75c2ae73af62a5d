"""`offerpost demo`: a believable network in an empty instance. Its mail goes into the folder and nowhere else."""

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import links, recovery, rights
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.cli.demo import messages
from webapp.cli.demo.offers import offers
from webapp.cli.demo.people import GROUPS, NETWORK, STAFF, affiliates
from webapp.command import pass_desk
from webapp.desk import Desk
from webapp.errors import Conflict
from webapp.guards.jobs import look as count_for_guards
from webapp.reports.jobs import look as count_for_reports
from webapp.settings import store
from webapp.settings.models import MailServer


@click.command("demo")
@pass_desk
def demo_command(desk: Desk) -> None:
    """Fill an empty instance with an invented network: staff, affiliates, offers, messages with every kind of outcome."""
    with desk.session() as session:
        _refuse_unless_empty(session)
        users = _staff(session)
        store.put(session, NETWORK)
        _affiliates(session, users)
        session.flush()
        offers(session, session.scalars(select(Affiliate).order_by(Affiliate.id)).all())
        server = session.scalars(select(MailServer).where(MailServer.kind == "folder")).one()
        messages.tell(session, author=users[STAFF[0][0]].id, server=server.id)
        link = recovery.address(session, desk, links.make(session, links.INVITATION, users[STAFF[0][0]]))
    for count in (count_for_guards, count_for_reports):
        count(desk)
    click.echo("An invented network is in place. Its mail goes into the folder and nowhere else.")
    click.echo(f"Start `offerpost serve`, then choose a password for {STAFF[0][0]}: {link}")


def _refuse_unless_empty(session: Session) -> None:
    for table, what in ((User, "users"), (Affiliate, "affiliates")):
        if session.scalar(select(func.count()).select_from(table)):
            raise Conflict(
                f"There are {what} already. The demo only goes into an empty instance: set OFFERPOST_HOME to a new folder."
            )


def _staff(session: Session) -> dict[str, User]:
    users = {}
    for email, first, last, preset in STAFF:
        users[email] = User(
            email=email,
            first_name=first,
            last_name=last,
            preset=preset,
            rights=list(rights.PRESETS[preset].rights),
        )
        session.add(users[email])
    session.flush()
    return users


def _affiliates(session: Session, users: dict[str, User]) -> None:
    groups = {name: AffiliateGroup(name=name) for name in GROUPS}
    session.add_all(groups.values())
    session.flush()
    session.add_all(
        Affiliate(
            affiliate_id=person.affiliate_id,
            email=person.email,
            address=person.email.lower(),
            first_name=person.first_name,
            last_name=person.last_name,
            company=person.company,
            group_id=groups[person.group].id,
            manager_id=users[person.manager].id if person.manager else None,
            status=person.status,
            country=person.country,
            created_at=person.joined,
        )
        for person in affiliates()
    )
    session.flush()
