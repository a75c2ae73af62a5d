"""Why mail for an open server does not leave at once: the hours of announcements, or a budget that is used up."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.mail.states import Kind
from webapp.settings.budgets import Budget, Standing, standing
from webapp.settings.models import MailServer
from webapp.settings.wording import SPANS, counted


def holdup(session: Session, server: MailServer, kind: str, now: datetime) -> str:
    """One sentence, or an empty text when nothing is in the way."""
    found = standing(session, server, now)
    if kind == Kind.ANNOUNCEMENT and not found.in_hours:
        return (
            f"Waiting for the hours in which announcements may leave through {server.name}: {server.hours}."
        )
    spent = [one for one in found.budgets if not one.domain and one.spent(kind)]
    return _spent(server, spent[0], found) if spent else ""


def domain_holdup(session: Session, server: MailServer, domain: str, now: datetime) -> str:
    """The same for mail to one recipient domain, which `server` rations or which rests there."""
    found = standing(session, server, now)
    rest = next((one for one in found.rests if one.domain == domain), None)
    if rest is not None and rest.until > now:
        return f"{domain} rests until {found.clock(rest.until)}: {rest.words}"
    if rest is not None:
        return f"{domain} recovers and gets {counted(rest.allowed, 'mail')} at a time through {server.name}."
    spent = [one for one in found.budgets if one.domain == domain and one.spent(Kind.ANNOUNCEMENT)]
    if not spent:
        return ""
    one = spent[0]
    until = found.clock(one.ends)
    return f"Waiting for the budget of {domain} at {server.name} until {until}: {_used(one)}."


def _spent(server: MailServer, one: Budget, found: Standing) -> str:
    plan = found.warm_up
    if one.span == "day" and plan is not None and plan.day == 0:
        return f"Waiting for the warm-up plan of {server.name}, which begins on {plan.begins}."
    what = "warm-up plan" if one.span == "day" and plan is not None else "budget"
    until = found.clock(one.ends)
    return f"Waiting for the {what} of {server.name} until {until}: {_used(one)}."


def _used(one: Budget) -> str:
    left = one.limit - one.used
    kept = f", {left:,} more kept for operational mail" if left > 0 else ""
    return f"{one.used:,} of {counted(one.limit, 'mail')} {SPANS[one.span]}{kept}"
