"""Asking for a new password, and inviting: a one-time link, and the mail that carries it."""

from sqlalchemy.orm import Session

from webapp.accounts import links, mails, throttle, users
from webapp.accounts.audit import record
from webapp.accounts.models import User
from webapp.accounts.ports import public_url
from webapp.desk import Desk
from webapp.errors import Invalid


def ask(session: Session, desk: Desk, email: str, remote: str) -> None:
    """Mail a link for a new password, if there is such a user. The caller answers the same in any case."""
    wait = throttle.take(session, throttle.address(remote, "reset-address"))
    if wait:
        raise Invalid({"email": throttle.sentence(wait)})
    too_many = throttle.take(session, throttle.account(email, "reset-account"))
    user = users.by_email(session, email)
    if user is None or user.disabled_at or too_many:
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
