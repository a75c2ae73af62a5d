"""Which mail leaves through which server: by class and by sender domain, and what goes on for a server that can't."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.errors import Invalid
from webapp.mail.outbox.pace import DOMAIN
from webapp.mail.outbox.routing import ALL, OPERATIONAL, Fallback, Rule, Ways
from webapp.mail.states import Kind
from webapp.settings import servers
from webapp.settings.models import MailServer
from webapp.settings.servers import Actor

KINDS = frozenset(kind.value for kind in Kind)
FALLBACK_FOR = {OPERATIONAL: "operational mail", ALL: "all mail"}


@dataclass(frozen=True)
class Change:
    """What was typed about one server; None leaves a thing as it is. `fallback` is the name of a server, or empty."""

    sends_for: str | None = None
    fallback: str | None = None
    fallback_for: str | None = None


def ways(session: Session) -> Ways:
    """Every rule and fallback, for the sender. Servers that only test unsaved values have none."""
    rows = session.execute(
        select(
            MailServer.id,
            MailServer.is_default,
            MailServer.sends_for,
            MailServer.fallback_id,
            MailServer.fallback_for,
        ).where(MailServer.draft_until.is_(None))
    ).all()
    known = {row.id for row in rows}
    return Ways(
        default_id=next((row.id for row in rows if row.is_default), None),
        rules=tuple(Rule(row.id, *_split(row.sends_for)) for row in rows if row.sends_for),
        fallbacks={
            row.id: Fallback(row.fallback_id, row.fallback_for or OPERATIONAL)
            for row in rows
            if row.fallback_id in known and row.fallback_id != row.id
        },
    )


def change(session: Session, by: Actor, server_id: int, typed: Change) -> MailServer:
    """Save the rule and the fallback of one server. Mail that waits follows the new rule; what was handed over doesn't."""
    server = servers.find(session, server_id, lock=True)
    problems: dict[str, str] = {}
    before = (server.sends_for, server.fallback_id, server.fallback_for)
    if typed.sends_for is not None:
        server.sends_for = _checked_rule(typed.sends_for, problems)
    if typed.fallback is not None:
        server.fallback_id = _checked_fallback(session, server, typed.fallback, problems)
    if typed.fallback_for is not None:
        if typed.fallback_for not in FALLBACK_FOR:
            problems["fallback_for"] = "Choose what the fallback is for: operational or all."
        server.fallback_for = typed.fallback_for
    if problems:
        session.refresh(server)
        raise Invalid(problems)
    if server.fallback_id is not None:
        server.fallback_for = server.fallback_for or OPERATIONAL
    if before != (server.sends_for, server.fallback_id, server.fallback_for):
        audit.record(session, by, "mail server routed", server.name, rule=server.sends_for or "none")
    session.flush()
    return server


def words_of(sends_for: str) -> str:
    """A rule as people read it."""
    kinds, domains = _split(sends_for)
    if not (kinds or domains):
        return "Nothing by rule"
    what = " and ".join(f"{kind} mail" if kind == OPERATIONAL else "announcements" for kind in sorted(kinds))
    senders = " or ".join(sorted(domains))
    return (what or "all mail").capitalize() + (f" from {senders}" if senders else "")


def line_of(server: MailServer, known: Sequence[MailServer]) -> str:
    """What leaves through it by rule and what goes on for it, in one line; empty without either."""
    fallback = next((one.name for one in known if one.id == server.fallback_id), "")
    parts = [f"{words_of(server.sends_for)} by route."] if server.sends_for else []
    if fallback:
        parts.append(f"{fallback} goes on for it, for {FALLBACK_FOR[server.fallback_for or OPERATIONAL]}.")
    return " ".join(parts)


def split(sends_for: str) -> tuple[list[str], list[str]]:
    """A stored rule as its classes of mail and its sender domains, for a form."""
    kinds, domains = _split(sends_for)
    return sorted(kinds), sorted(domains)


def _split(sends_for: str) -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(sends_for.split())
    return words & KINDS, words - KINDS


def _checked_rule(text: str, problems: dict[str, str]) -> str:
    words = sorted({word.removeprefix("@") for word in re.split(r"[\s,;+]+", text.lower()) if word})
    words = [{"announcements": "announcement"}.get(word, word) for word in words]
    for word in words:
        if word not in KINDS and not DOMAIN.fullmatch(word):
            problems["sends_for"] = (
                f"“{word[:60]}” is neither a class of mail nor a domain. Write operational, announcement, or a sender's "
                "domain such as news.example.com."
            )
    return " ".join(sorted(set(words)))


def _checked_fallback(
    session: Session, server: MailServer, name: str, problems: dict[str, str]
) -> int | None:
    if not name.strip():
        return None
    found = next((one for one in servers.saved(session) if one.name.lower() == name.strip().lower()), None)
    if found is None or found.id == server.id:
        others = (
            ", ".join(f"“{one.name}”" for one in servers.saved(session) if one.id != server.id) or "none yet"
        )
        problems["fallback"] = f"Choose another saved server as the fallback. There are: {others}."
        return None
    return found.id
