"""Templates are changed here: each text is a version, and the way back is always open."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid
from webapp.mail_templates.catalogue import CONTEXTS, SYSTEM
from webapp.mail_templates.models import MailTemplate, TemplateVersion
from webapp.mail_templates.queries import Template, find, row_of, slug_of, version
from webapp.mail_templates.texts import Text, check

LONGEST_NAME = 200
Who = User | str | None


def save(
    session: Session, who: Who, slug: str, text: Text, *, seen: int | None = None, note: str = ""
) -> Template:
    """Store a text as a new version; the same text again changes nothing.

    `seen` is the version that was looked at: `Conflict` when somebody saved another one meanwhile.
    """
    row_of(session, slug, lock=True)
    now = find(session, slug)
    if seen is not None and seen != now.version:
        raise Conflict(
            "Somebody saved this template after you opened it. Open it again and repeat your change."
        )
    check(text, now.context)
    if text == now.text:
        return now
    row = _row_for(session, now)
    _add_version(session, row, text, who, note)
    audit.record(session, who, "template.changed", row.name, version=row.version)
    return find(session, slug)


def create(session: Session, who: Who, name: str, context: str, text: Text) -> Template:
    """A custom template."""
    name = " ".join(name.split())[:LONGEST_NAME]
    slug = slug_of(name)
    if not slug:
        raise Invalid({"name": "Give the template a name with letters or digits in it."})
    if slug in SYSTEM or row_of(session, slug) is not None:
        raise Invalid({"name": f"There is a template “{name}” already. Choose another name."})
    if context not in CONTEXTS:
        raise Invalid({"context": f"Choose what the template is for: {', '.join(CONTEXTS)}."})
    check(text, context)
    row = MailTemplate(slug=slug, name=name, context=context, custom=True)
    session.add(row)
    session.flush()
    _add_version(session, row, text, who, "")
    audit.record(session, who, "template.created", name)
    return find(session, slug)


def reset(session: Session, who: Who, slug: str) -> None:
    """Let a system template say what we ship; its versions stay."""
    template = find(session, slug)
    if template.system is None:
        raise Conflict("A custom template has no shipped text. Restore one of its versions instead.")
    row = row_of(session, template.slug)
    if row is not None and row.version:
        row.version = 0
        _touch(row, who)
        audit.record(session, who, "template.reset", row.name)
        session.flush()


def restore(session: Session, who: Who, slug: str, number: int) -> Template:
    """An old version again, as a new one."""
    old = version(session, slug, number)
    return save(session, who, slug, Text.of(old), note=f"Version {number} again")


def switch(session: Session, who: Who, slug: str, on: bool) -> None:
    """On or off. What people can't do without stays on."""
    template = find(session, slug)
    if template.system is None:
        raise Conflict("Only system templates are sent by themselves and can be switched off.")
    if template.system.essential and not on:
        raise Conflict(
            f"{template.name} can’t be switched off: without it somebody could not get in any more."
        )
    if template.enabled != on:
        row = _row_for(session, template)
        row.enabled = on
        _touch(row, who)
        audit.record(session, who, "template.switched_on" if on else "template.switched_off", row.name)
        session.flush()


def delete(session: Session, who: Who, slug: str) -> None:
    """Remove a custom template with its versions. Messages that began with it keep their text."""
    row = row_of(session, slug)
    if row is None or not row.custom:
        raise Conflict("A system template stays. Switch it off, or take back its text.")
    audit.record(session, who, "template.deleted", row.name)
    session.query(TemplateVersion).filter_by(template_id=row.id).delete()
    session.delete(row)
    session.flush()


def used(session: Session, slug: str) -> None:
    """Remember that a message began with it."""
    row = _row_for(session, find(session, slug))
    row.uses = MailTemplate.uses + 1
    session.flush()


def as_stored(typed: Text, stored: Text) -> Text:
    """What was typed, with the line ends of what is stored: a browser sends CRLF whatever it was given."""
    return Text(
        subject=" ".join(typed.subject.split()),
        preheader=" ".join(typed.preheader.split()),
        html=_kept(typed.html, stored.html),
        text=_kept(typed.text, stored.text),
    )


def _kept(typed: str, stored: str) -> str:
    plain = _plain(typed)
    if plain == _plain(stored):
        return stored
    return plain.replace("\n", "\r\n") if stored.count("\r\n") * 2 > stored.count("\n") else plain


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _add_version(session: Session, row: MailTemplate, text: Text, who: Who, note: str) -> None:
    last = session.scalar(
        select(func.max(TemplateVersion.number)).where(TemplateVersion.template_id == row.id)
    )
    row.version = (last or 0) + 1
    session.add(
        TemplateVersion(
            template_id=row.id,
            number=row.version,
            subject=text.subject,
            preheader=text.preheader,
            html=text.html,
            text=text.text,
            note=note,
            saved_by=_name(who),
        )
    )
    _touch(row, who)
    session.flush()


def _row_for(session: Session, template: Template) -> MailTemplate:
    row = row_of(session, template.slug)
    if row is None:
        row = MailTemplate(slug=template.slug, name=template.name, context=template.context, custom=False)
        session.add(row)
        session.flush()
    return row


def _touch(row: MailTemplate, who: Who) -> None:
    row.changed_at, row.changed_by = utcnow(), _name(who)


def _name(who: Who) -> str:
    return who.name if isinstance(who, User) else who or ""
