"""What people do with a reply: note how far it is, hand it on, and let somebody leave who asked for it."""

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.feedback.preferences import Reader, choose
from webapp.mail import consents
from webapp.replies import queries
from webapp.replies.models import DONE, READ, UNREAD, Reply

STATES = {UNREAD: "Unread", READ: "Read", DONE: "Done"}


def set_state(reply: Reply, state: str) -> None:
    if state not in STATES:
        raise Invalid({"state": "Choose unread, read or done."})
    reply.state = state


def assign(session: Session, by: User, reply: Reply, number: int | None) -> None:
    """Hand it to a colleague who may read it, or to nobody."""
    able = [user.id for user in queries.may_take(session, reply.affiliate)]
    if number is not None and number not in able:
        raise Invalid({"assigned_to": "Choose a colleague who may see this affiliate."})
    reply.assigned_to = number
    audit.record(session, by, "reply assigned", f"reply {reply.id}", to=number)


def opt_out(session: Session, by: User, reply: Reply) -> None:
    """No more news to the affiliate's own address, wherever the reply came from; written down as his wish and your deed."""
    affiliate = reply.affiliate
    choose(session, Reader(affiliate.address, affiliate.id, consents.REPLY, reply.mail_id), ())
    reply.asks_to_stop, reply.state = False, DONE
    audit.record(session, by, "opted out by reply", affiliate.address, reply=reply.id)
