"""The offers of an affiliate, for the affiliate's own page, which lies below this feature."""

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import ports
from webapp.affiliates.models import Affiliate
from webapp.offers import access, queries
from webapp.offers.forms import STATE_LABELS

SHOWN = 50


def install() -> None:
    ports.plug_panel(panel)


def panel(session: Session, user: User, affiliate: Affiliate) -> str:
    """The first of an affiliate's offers with their terms; "" for somebody who sees no offers at all."""
    if not any(user.may(right) for right in access.READS):
        return ""
    wanted = queries.WantedAssignments(affiliate=affiliate.id)
    counts = queries.by_state(session, user, wanted)
    found = session.scalars(queries.assignments(user, wanted).limit(SHOWN)).all() if counts else []
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "offers/panel.html", affiliate=affiliate, found=found, counts=counts, states=STATE_LABELS
        )
    )
