"""Through which servers mail leaves just now: what is closed and why, which detours mail takes, what has to wait."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail.models import MailContent, Mailing, OutboxMail
from webapp.mail.outbox import rests
from webapp.mail.outbox.claim import WAITING
from webapp.mail.outbox.routing import Ways, sender_domain
from webapp.mail.states import Kind, MailingState
from webapp.settings import routing, servers, store
from webapp.settings.models import MailServer
from webapp.settings.wording import clock

MOST = 50  # kinds of single mails that are told apart


@dataclass(frozen=True)
class Closed:
    """Why a server takes nothing just now: `state` in words that follow its name, and what it said itself."""

    state: str
    said: str


@dataclass(frozen=True)
class Passage:
    """One class of mail: the server that it is meant for, and the one through which it leaves (None: it waits)."""

    kind: str
    wanted: MailServer | None
    through: MailServer | None
    domain: str = ""  # of the sender

    @property
    def waits(self) -> bool:
        return self.through is None

    @property
    def is_detour(self) -> bool:
        return self.through is not None and self.through is not self.wanted


class Passages:
    """As of one moment. Reads every saved server, rule and rest once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._servers = {server.id: server for server in servers.saved(session)}
        self._rests = rests.standing(session)
        self._ways: Ways = routing.ways(session)
        self.shut = frozenset(one for one, server in self._servers.items() if self.closed(server))
        self._open = self._ways.with_closed(self.shut)

    def closed(self, server: MailServer) -> Closed | None:
        """Why this server takes nothing, or None."""
        if server.paused_at is not None:
            return Closed("is paused", f"{server.paused_reason} {server.paused_hint}".strip())
        rest = self._rests.get(server.id, {}).get(rests.WHOLE)
        if rest is None or rest.over(self._now):
            return None
        return Closed(f"rests until {clock(rest.until, self._zone, self._now)}", rest.words)

    def of(self, kind: str, domain: str, named: int | None) -> Passage:
        """For mail of this class from this sender domain, which may name its server."""
        wanted = self._known(self._ways.of(kind, domain, named))
        through = self._known(self._open.of(kind, domain, named))
        return Passage(kind, wanted, None if through is None or through.id in self.shut else through, domain)

    def of_mailing(self, mailing: Mailing) -> Passage:
        domain = sender_domain(mailing.content.draft) if self._ways.rules else ""
        return self.of(mailing.kind, domain, mailing.server_id)

    def every(self) -> list[Passage]:
        """Of the mail that waits, and of both classes of the network's own mail."""
        asked = dict.fromkeys([*((kind.value, self._own_domain, None) for kind in Kind), *self._waiting()])
        found = (self.of(*one) for one in asked)
        return [
            one for one in found if one.wanted is not None
        ]  # a server that tests unsaved values is not told of

    def table(self) -> list[Passage]:
        """Of both classes of mail, and of each sender domain that a route names; without what single mails wait for."""
        plain = [replace(self.of(kind.value, self._own_domain, None), domain="") for kind in Kind]
        named = sorted({domain for rule in self._ways.rules for domain in rule.domains} - {self._own_domain})
        ruled = [self.of(kind.value, domain, None) for domain in named for kind in Kind]
        return [one for one in (*plain, *ruled) if one.wanted is not None]

    def _waiting(self) -> Iterator[tuple[str, str, int | None]]:
        running = select(Mailing).where(
            Mailing.state == MailingState.RUNNING.value, Mailing.queued + Mailing.deferred > 0
        )
        for mailing in self._session.scalars(running):
            domain = sender_domain(mailing.content.draft) if self._ways.rules else ""
            yield mailing.kind, domain, mailing.server_id
        single = select(OutboxMail.kind, OutboxMail.server_id, OutboxMail.content_id).where(
            WAITING, OutboxMail.mailing_id.is_(None)
        )
        for kind, server_id, content_id in self._session.execute(single.distinct().limit(MOST)):
            content = self._session.get(MailContent, content_id) if self._ways.rules else None
            yield kind, sender_domain(content.draft) if content is not None else "", server_id

    def _known(self, server_id: int | None) -> MailServer | None:
        return self._servers.get(server_id) if server_id is not None else None

    @cached_property
    def _own_domain(self) -> str:
        return store.identity(self._session).from_address.rpartition("@")[2].lower()

    @cached_property
    def _zone(self) -> ZoneInfo:
        return store.identity(self._session).zone
