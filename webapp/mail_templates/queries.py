"""Templates as they are now: what we ship, with what was changed here laid over it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.mail_templates.catalogue import STARTS, SYSTEM, SystemTemplate
from webapp.mail_templates.models import MailTemplate, TemplateVersion
from webapp.mail_templates.texts import Text

_NOW = and_(TemplateVersion.template_id == MailTemplate.id, TemplateVersion.number == MailTemplate.version)
_WITH_TEXT = select(MailTemplate, TemplateVersion).outerjoin(TemplateVersion, _NOW)


@dataclass(frozen=True)
class Template:
    """A system template or a custom one, as it is now. `version` 0 is the text that we ship."""

    slug: str
    name: str
    context: str
    enabled: bool
    text: Text
    version: int
    system: SystemTemplate | None
    changed_at: datetime | None = None
    changed_by: str = ""
    uses: int = 0

    @property
    def changed(self) -> bool:
        """Whether a system template says something else than what we ship."""
        return self.system is not None and self.version > 0

    @property
    def starts_messages(self) -> bool:
        """Whether people begin a message with it."""
        return self.system is None or self.slug in STARTS

    @property
    def kind(self) -> str:
        """operational or announcement."""
        return self.system.kind if self.system else "announcement"


def templates(session: Session) -> list[Template]:
    """All of them: the system's in the order of the catalogue, then the custom ones by name."""
    rows = {row.slug: (row, text) for row, text in session.execute(_WITH_TEXT.order_by(MailTemplate.name))}
    untouched = [_seen(None, None, one) for slug, one in SYSTEM.items() if slug not in rows]
    touched = [_seen(row, text, SYSTEM.get(row.slug)) for row, text in rows.values()]
    place = {slug: number for number, slug in enumerate(SYSTEM)}
    return sorted([*untouched, *touched], key=lambda one: place.get(one.slug, len(place)))


def find(session: Session, name: str) -> Template:
    """By its slug, or by its name as people see it."""
    named = func.lower(MailTemplate.name) == name.lower()
    query = _WITH_TEXT.where(or_(MailTemplate.slug.in_((name, slug_of(name))), named)).limit(1)
    row, text = session.execute(query).one_or_none() or (None, None)
    system = SYSTEM.get(row.slug if row else name) or (None if row else SYSTEM.get(slug_of(name)))
    if row is None and system is None:
        raise NotFound(f"There is no template “{name}”. The list of templates shows all of them.")
    return _seen(row, text, system)


def versions(session: Session, slug: str) -> list[TemplateVersion]:
    """Newest first."""
    row = row_of(session, slug)
    if row is None:
        return []
    query = select(TemplateVersion).where(TemplateVersion.template_id == row.id)
    return list(session.scalars(query.order_by(TemplateVersion.number.desc())))


def version(session: Session, slug: str, number: int) -> TemplateVersion:
    """One of them."""
    found = next((one for one in versions(session, slug) if one.number == number), None)
    if found is None:
        raise NotFound("This template has no such version.")
    return found


def slug_of(name: str) -> str:
    """“December news” → december_news"""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:80]


def row_of(session: Session, slug: str, *, lock: bool = False) -> MailTemplate | None:
    """What is stored about a template; nothing about a system template that nobody touched."""
    query = select(MailTemplate).where(MailTemplate.slug == slug)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def _seen(
    row: MailTemplate | None, stored: TemplateVersion | None, system: SystemTemplate | None
) -> Template:
    if row is None:
        assert system is not None
        return Template(system.slug, system.name, system.context, True, system.default, 0, system)
    text = Text.of(stored) if stored else system.default if system else Text("", "")
    return Template(
        slug=row.slug,
        name=system.name if system else row.name,
        context=system.context if system else row.context,
        enabled=row.enabled,
        text=text,
        version=row.version,
        system=system,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        uses=row.uses,
    )
