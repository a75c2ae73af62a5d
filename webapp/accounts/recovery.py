"""Asking for a new password, and inviting: a one-time link, and the mail that carries it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.accounts import links, mails, throttle, users
from webapp.accounts.audit import record
from webapp.accounts.models import User
from webapp.accounts.ports import public_url
from webapp.desk import Desk
from webapp.errors import Invalid

STANDS = timedelta(minutes=10)  # so long the mail that was asked for is the answer to every further asking


def ask(session: Session, desk: Desk, email: str, remote: str) -> None:
    """Mail a link for a new password, if there is such a user. The caller answers the same in any case.

    Strangers who ask in somebody's name leave him a link that works: a mail that was just asked for is not replaced, and
    whoever may not ask again yet (for 15 minutes at most) has one in his mailbox that lives longer than that.
    """
    wait = throttle.take(session, throttle.address(remote, "reset-address"))
    if wait:
        raise Invalid({"email": throttle.sentence(wait)})
    user = users.by_email(session, email)
    if user is None or user.disabled_at or links.is_fresh(session, links.RESET, user, STANDS):
        return
    if throttle.take(session, throttle.account(email, "reset-account")):
        return
    url = address(session, desk, links.make(session, links.RESET, user))
    mailed = mails.reset(session, desk, user, url)
    record(session, None, "new password asked for", user.email, address=remote, mailed=mailed)


def invite(session: Session, desk: Desk, actor: users.Actor, user: User) -> tuple[str, bool]:
    """A link to set the first password, and whether a mail with it could be written; both, since mail may not be set up yet."""
    url = address(session, desk, links.make(session, links.INVITATION, user))
    mailed = mails.invitation(session, desk, user, url)
    record(session, actor, "invited", user.email, mailed=mailed)
    return url, mailed


def address(session: Session, desk: Desk, token: str) -> str:
    return f"{public_url(session, desk)}/password/{token}"
