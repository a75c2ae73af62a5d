"""What the pages show: the list of notices, and how a mail server stands with its service."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from transports.contract import Capability
from transports.events import EventKind
from webapp.db import begins_with
from webapp.desk import Desk
from webapp.notices.models import Notice
from webapp.settings import store
from webapp.settings.models import MailServer

SORTS = {"": Notice.id.desc(), "oldest": Notice.id.asc()}


@dataclass(frozen=True)
class Link:
    """Where the service of one mail server sends its notices, and what came."""

    url: str
    secure: bool
    connected: Notice | None  # the last word about the subscription itself
    last: datetime | None


def listed(search: str = "", kind: str = "", sort: str = "") -> Select[Notice]:
    """`search` is how the recipient's address begins."""
    query = select(Notice).order_by(SORTS.get(sort, SORTS[""]))
    if search:
        query = query.where(begins_with(Notice.recipient, search))
    return query.where(Notice.kind == kind) if kind in set(EventKind) else query


def any_server_reports(desk: Desk, session: Session) -> bool:
    kinds = [one.kind for one in desk.registry.kinds() if Capability.EVENTS in one.capabilities]
    saved = select(MailServer.id).where(MailServer.draft_until.is_(None), MailServer.kind.in_(kinds))
    return session.scalar(saved.limit(1)) is not None


def link_of(desk: Desk, session: Session, server: MailServer, path: str) -> Link:
    """`path` is the address of this server's webhook on this desk."""
    mine = select(Notice).where(Notice.server_id == server.id).order_by(Notice.id.desc()).limit(1)
    about = (EventKind.CONNECTED.value, EventKind.DISCONNECTED.value)
    url = store.public_url(session, desk.config) + path
    last = session.scalars(mine).first()
    return Link(
        url=url,
        secure=url.startswith("https://"),
        connected=session.scalars(mine.where(Notice.kind.in_(about))).first() if last else None,
        last=last.received_at if last else None,
    )
