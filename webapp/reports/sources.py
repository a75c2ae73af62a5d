"""The rows of which reports are made, each with its mail: those that the guards read, with what only reports ask for."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from webapp.guards import tally
from webapp.mail.clicks import Click
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.states import State

Rows = Select[*tuple[Any, ...]]
BURSTS_END = timedelta(
    minutes=3
)  # by then a click is known for a machine's that looked like a person's at first


def attempts(after: int) -> Rows:
    more = (Attempt.server_id, Attempt.number, Attempt.detail, OutboxMail.attempts, OutboxMail.state)
    return tally.attempts(after).add_columns(*more)


def of_attempt(row: Any) -> tuple[str, ...]:
    """The answer; and that the mail failed with it, which a deferral may be the end of, too."""
    if row.status == "rejected" or (
        row.status == "deferred" and row.state == State.FAILED and row.number == row.attempts
    ):
        return ("failed",)
    return (row.status,) if row.status in ("accepted", "deferred", "unknown") else ()


def clicks(after: int) -> Rows:
    """Each click, with whether it is the first of its mail that a person made."""
    earlier = aliased(Click)
    again = exists().where(earlier.mail_id == Click.mail_id, earlier.id < Click.id, earlier.machine == "")
    rows = select(Click.id, Click.at, Click.mail_id, Click.machine, (~again).label("first"), *tally.OF_MAIL)
    return rows.join(OutboxMail, OutboxMail.id == Click.mail_id).where(Click.id > after).order_by(Click.id)


def of_click(row: Any) -> tuple[str, ...]:
    if row.machine:
        return ("machines",)
    return ("clicks", "clicked") if row.first else ("clicks",)
