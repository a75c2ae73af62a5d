"""The check of a message on the mails of three of those who would get it."""

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.broadcasts.content import context_of, draft_to_send, scopes_of
from webapp.broadcasts.drafts import author_of
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import needed, who_get_it
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail_templates.looking import values_of
from webapp.mailcheck.report import Report, report_of
from webapp.mailcheck.samples import pick

SHORTEST_REASON, LONGEST_REASON = 3, 300


def check(desk: Desk, session: Session, broadcast: Broadcast, *, skipping: bool) -> Report:
    """Raises TokenProblems while the text can't be mailed. `skipping`: who lacks a value gets no mail."""
    draft = draft_to_send(session, desk.config, broadcast)
    keys = needed(session, *broadcast.written, offer=broadcast.offer_cid)
    author = author_of(session, broadcast)
    scopes = scopes_of(broadcast.kind, broadcast.offer_cid)
    people = who_get_it(session, broadcast.audience, author, scopes, keys if skipping else {})
    samples = pick(session, people)
    return report_of(
        desk,
        session,
        draft,
        context_of(broadcast.offer_cid),
        [
            (one, values_of(session, draft, one.affiliate, broadcast.offer_cid) if one.affiliate else {})
            for one in samples
        ],
    )


def check_again(desk: Desk, session: Session, broadcast: Broadcast) -> None:
    """The same when its time has come: Invalid for what stops it, and for what nobody gave a reason for at the last look.

    Between the two lie hours or days in which recipients, values, the layout and the settings may have changed.
    """
    found = check(desk, session, broadcast, skipping=broadcast.skip_missing)
    known = set(broadcast.overruled.split(","))
    wrong = [*found.refused, *(one for one in found.doubted if one.rule.id not in known)]
    if wrong:
        raise Invalid({"": " ".join(one.finding.words for one in wrong)})


def overrule(session: Session, user: User | str, broadcast: Broadcast, report: Report, anyway: str) -> None:
    """Pass a message on to sending. Where a rule fails that may be overruled, the reason is kept in the audit trail.

    Invalid while the message must not leave, or while there is no reason.
    """
    if report.refused:
        raise Invalid({"": " ".join(one.finding.words for one in report.refused)})
    broadcast.overruled = ",".join(one.rule.id for one in report.doubted)
    if not report.doubted:
        return
    reason = " ".join(anyway.split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        failed = " ".join(one.finding.words for one in report.doubted)
        raise Invalid({"anyway": f"{failed} Solve it, or write why the message is sent anyway."})
    rules = ", ".join(one.rule.id for one in report.doubted)
    audit.record(session, user, "message.check_overruled", broadcast.name, rules=rules, reason=reason)
