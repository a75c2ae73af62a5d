"""Template filters of this feature."""

from datetime import datetime

from flask import Flask
from flask_login import current_user

from webapp.broadcasts import remedies
from webapp.broadcasts.access import may_steer
from webapp.broadcasts.listing import state_of
from webapp.broadcasts.models import Broadcast
from webapp.mail.outbox.counters import as_counts
from webapp.web.words import moment

WHY = {
    "unsubscribed": "Left the announcements",
    "bounced": "Bounced before",
    "complained": "Complained before",
    "blocked": "Blocked by staff",
    "duplicate_address": "Another affiliate with this address gets it",
    "missing_value": "A value that the text uses is missing",
    "no_address": "Has no address",
    "had_enough": "Has had as many announcements lately as the rules allow",
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        counts=as_counts,
        message_state=state_of,
        steered=steered,
        why=why,
        what_to_do=remedies.of_mail,
        clock=clock,
    )


def steered(broadcast: Broadcast) -> bool:
    """Whether the present user may pause, cancel and re-send it."""
    return may_steer(current_user, broadcast)


def why(reason: str) -> str:
    """Why a mail did not leave, in words."""
    return WHY.get(reason, reason.replace("_", " ").capitalize())


def clock(value: datetime, seconds: bool = True) -> str:
    """10:39:41, in the zone of the page."""
    return moment(value).split()[1][: 8 if seconds else 5]
