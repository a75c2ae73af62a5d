"""The last look before sending: how many, who not, what is wrong or doubtful, how long it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.broadcasts import mail_check
from webapp.broadcasts.content import context_of, draft_of, scopes_of
from webapp.broadcasts.drafts import author_of
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import Reach, Someone, left_out, names_of, needed, reach
from webapp.broadcasts.starting import fingerprint
from webapp.desk import Desk
from webapp.mail.compose import Draft, TokenProblems, lint
from webapp.mailcheck.report import Report
from webapp.offers.access import by_cid
from webapp.settings.models import MailServer


@dataclass(frozen=True)
class Finding:
    """One check. `verdict` is pass, warn or fail; `endpoint` is the page that mends it."""

    verdict: str
    title: str
    words: str = ""
    endpoint: str = ""
    link: str = ""


@dataclass(frozen=True)
class Review:
    broadcast: Broadcast
    draft: Draft
    reach: Reach
    skipping: bool
    lacks: list[str]
    samples: dict[str, list[Someone]]
    findings: list[Finding]
    server: MailServer | None
    approved: str
    report: Report | None  # None while the text can't be mailed

    @property
    def count(self) -> int:
        """How many mails would leave."""
        return self.reach.will_get - (self.reach.missing if self.skipping else 0)

    @property
    def refused(self) -> bool:
        stops = self.report is None or bool(self.report.refused)
        return stops or self.count == 0 or any(finding.verdict == "fail" for finding in self.findings)

    @property
    def duration(self) -> str:
        """The time it takes, in words."""
        rate = per_minute(self.server)
        if rate is None:
            return "No limit is set for this server: it goes as fast as the server takes it."
        minutes = ceil(self.count / rate)
        if minutes <= 1:
            return "About a minute at the limit of this server."
        if minutes < 120:
            return f"About {minutes} minutes at the limit of this server."
        hours = ceil(minutes / 60)
        return (
            f"About {hours} hours at the limit of this server."
            if hours < 48
            else f"About {ceil(hours / 24)} days."
        )


def review(desk: Desk, session: Session, broadcast: Broadcast, *, skipping: bool) -> Review:
    draft = draft_of(session, desk.config, broadcast)
    keys = needed(session, *broadcast.written, offer=broadcast.offer_cid)
    author = author_of(session, broadcast)
    asked = (session, broadcast.audience, author, scopes_of(broadcast.kind, broadcast.offer_cid), keys)
    counts = reach(*asked)
    reasons = {
        "suppressed": counts.suppressed,
        "enough": counts.enough,
        "duplicates": counts.duplicates,
        "missing": counts.missing,
    }
    samples = {why: left_out(*asked, why) for why, number in reasons.items() if number}
    server = server_of(session, broadcast.server_id)
    return Review(
        broadcast=broadcast,
        draft=draft,
        reach=counts,
        skipping=skipping,
        lacks=names_of(keys),
        samples={**samples, "names": left_out(*asked, "names")},
        findings=[
            *_findings(draft, server, context_of(broadcast.offer_cid)),
            *_offer(session, broadcast.offer_cid),
        ],
        server=server,
        approved=fingerprint(session, desk.config, broadcast),
        report=_report(desk, session, broadcast, skipping),
    )


def _report(desk: Desk, session: Session, broadcast: Broadcast, skipping: bool) -> Report | None:
    try:
        return mail_check.check(desk, session, broadcast, skipping=skipping)
    except TokenProblems:
        return None


def server_of(session: Session, server_id: int | None) -> MailServer | None:
    """The server that a message would leave through: its own, or the default one."""
    if server_id is not None:
        return session.get(MailServer, server_id)
    return session.scalars(select(MailServer).where(MailServer.is_default).limit(1)).first()


def per_minute(server: MailServer | None) -> float | None:
    """The strictest limit, as mails a minute."""
    if server is None:
        return None
    limits = (
        (server.max_per_second, 60),
        (server.max_per_minute, 1),
        (server.max_per_hour, 1 / 60),
        (server.max_per_day, 1 / 1440),
    )
    rates = [limit * factor for limit, factor in limits if limit]
    return min(rates) if rates else None


def _findings(draft: Draft, server: MailServer | None, context: str) -> Iterator[Finding]:
    yield from _text(draft, context)
    yield _server(server)
    if draft.announces:
        yield _https(draft.public_url)
    if not draft.postal_address.strip():
        words = "The law asks for it in announcements."
        yield Finding(
            "warn", "There is no postal address", words, "settings.email_settings", "Email settings"
        )


def _offer(session: Session, cid: str) -> Iterator[Finding]:
    """Whether affiliates can run what the message is about."""
    if cid:
        offer = by_cid(session, None, cid)
        if offer.status != "active":
            yield Finding("warn", f"The offer is {offer.status}", f"{offer.name} can’t be run at present.")


def _text(draft: Draft, context: str) -> Iterator[Finding]:
    problems = lint(draft, context=context)
    for problem in problems:
        settings = problem.field not in ("subject", "html", "preheader")
        where = ("settings.email_settings", "Email settings") if settings else ("", "")
        yield Finding("fail", problem.sentence, "", *where)
    if not problems:
        yield Finding("pass", "Every token is known and in a safe place")


def _server(server: MailServer | None) -> Finding:
    if server is None:
        words = "Say how mail leaves, then send."
        return Finding("fail", "There is no mail server", words, "settings.email_settings", "Email settings")
    if server.paused_at is not None:
        words = "Nothing leaves until it is resumed; the mails wait."
        return Finding("warn", f"{server.name} is paused", words, "settings.email_settings", "Email settings")
    return Finding("pass", f"Leaves through {server.name}")


def _https(url: str) -> Finding:
    if url.startswith("https://"):
        return Finding("pass", "The public address is https", url)
    words = "Unsubscribe links lead there. Large providers want https, and people outside must reach it."
    title = "The public address is not https" if url else "There is no public address"
    return Finding("warn", title, words, "settings.email_settings", "Email settings")
