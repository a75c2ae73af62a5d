"""The mail servers: add, change, delete, choose the default, pause. Each change goes into the audit trail, without secrets."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from transports.errors import SettingsError
from transports.fields import as_text
from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail import poke
from webapp.mail.outbox import rests, waking
from webapp.settings import renewing
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.opening import opened_secrets, row_name
from webapp.settings.settle import Settled, Typed, settle

Actor = User | str  # somebody signed in, or "command line"
NAME_LENGTH = 80


def saved(session: Session) -> list[MailServer]:
    """Every saved server, the default first; never the drafts of a test."""
    query = select(MailServer).where(MailServer.draft_until.is_(None))
    return list(session.scalars(query.order_by(MailServer.is_default.desc(), MailServer.name)))


def default(session: Session) -> MailServer | None:
    return session.scalar(select(MailServer).where(MailServer.is_default, MailServer.draft_until.is_(None)))


def find(session: Session, server_id: int, *, lock: bool = False) -> MailServer:
    """A saved server; with `lock`, nobody changes it until this transaction ends."""
    query = select(MailServer).where(MailServer.id == server_id, MailServer.draft_until.is_(None))
    if lock:  # what this session read before may be stale by now, above all where the secret may go
        query = query.with_for_update().execution_options(populate_existing=True)
    server = session.scalar(query)
    if server is not None and lock:
        session.expire(server, ["secrets"])
    if server is None:
        raise NotFound("This mail server was deleted. Choose another under Email settings.")
    return server


def named(session: Session, name: str) -> MailServer:
    """A saved server by its name; `NotFound` lists the names there are."""
    for server in saved(session):
        if server.name.lower() == name.strip().lower():
            return server
    names = ", ".join(f"“{server.name}”" for server in saved(session)) or "none yet"
    raise NotFound(f"There is no mail server called “{name[:80]}”. Saved are: {names}.")


def add(desk: Desk, session: Session, by: Actor, name: str, typed: Typed) -> MailServer:
    """Save a new server; the first one becomes the default."""
    problems = _problems_of_name(session, name, None)
    settled = _both(desk, None, typed, problems)
    server = MailServer(
        public_id=secrets.token_urlsafe(16),
        name=name.strip(),
        kind=settled.kind,
        is_default=default(session) is None,
    )
    session.add(server)
    store(desk, session, server, settled, by)
    audit.record(session, by, "mail server added", server.name, kind=server.kind)
    return server


def change(
    desk: Desk, session: Session, by: Actor, server_id: int, typed: Typed, *, name: str | None = None
) -> MailServer:
    """Save what was typed. A server that the sender had paused goes on: its cause may be solved now."""
    server = find(session, server_id, lock=True)
    wanted = server.name if name is None else name
    settled = _both(desk, server, typed, _problems_of_name(session, wanted, server))
    if settled.is_stored(server) and wanted.strip() == server.name:
        return server
    changed = _differences(server, settled)
    server.name = wanted.strip()
    store(desk, session, server, settled, by)
    if server.paused_by == "sender":
        _go_on(server)
    audit.record(session, by, "mail server changed", server.name, fields=changed)
    return server


def delete(session: Session, by: Actor, server_id: int) -> None:
    """Remove a server that is not the default."""
    server = find(session, server_id, lock=True)
    if server.is_default:
        raise Conflict(f"“{server.name}” is the default. Make another server the default first.")
    session.delete(server)
    audit.record(session, by, "mail server deleted", server.name, kind=server.kind)
    session.flush()


def make_default(session: Session, by: Actor, server_id: int) -> MailServer:
    """From now on mail that names no server leaves through this one. There is exactly one such server."""
    session.execute(
        select(MailServer.id).order_by(MailServer.id).with_for_update()
    )  # two at once would make two defaults
    server = find(session, server_id, lock=True)
    if not server.is_default:
        session.execute(update(MailServer).where(MailServer.is_default).values(is_default=False))
        server.is_default = True
        audit.record(session, by, "mail server made default", server.name)
        session.flush()
    return server


def pause(session: Session, by: Actor, server_id: int) -> MailServer:
    """No mail leaves through this server until somebody resumes it."""
    server = find(session, server_id, lock=True)
    if server.paused_at is None:
        server.paused_at, server.paused_by = utcnow(), "person"
        server.paused_reason = f"Paused by {who(by)}."
        server.revision += 1
        audit.record(session, by, "mail server paused", server.name)
    return server


def resume(session: Session, by: Actor, server_id: int) -> MailServer:
    """Let mail leave through this server again."""
    server = find(session, server_id, lock=True)
    if server.paused_at is not None:
        _go_on(server)
        server.revision += 1
        audit.record(session, by, "mail server resumed", server.name)
    return server


def wake(session: Session, by: Actor, server_id: int, domain: str | None = None) -> MailServer:
    """Forget that this server, or only this domain at it, was asked to rest."""
    server = find(session, server_id, lock=True)
    only = domain.strip().lower() if domain is not None else None
    rests.end(session, server_id, only)
    if only != rests.WHOLE:
        waking.wake(session, only, utcnow())
    audit.record(session, by, "mail server woken", server.name, domain=domain or "all")
    poke.soon(session)
    return server


def store(desk: Desk, session: Session, server: MailServer, settled: Settled, by: Actor) -> None:
    """Put checked values and sealed secrets into a row; secrets that do not go on are deleted with it."""
    server.values = dict(settled.values)
    for name, value in settled.limits.items():
        setattr(server, name, value)
    session.flush()  # a new row gets the number to which its secrets are bound
    server.revision = (server.revision or 0) + 1
    renewing.forget(session, _replaced(desk, server, settled))
    going_on = [one for one in server.secrets if one.field in settled.kept]
    server.secrets[:] = going_on
    session.flush()  # the old secret of a field is gone before the new one comes
    for field, text in settled.secrets.items():
        sealed = desk.vault.encrypt(text, row=row_name(server.id, field))
        server.secrets.append(MailServerSecret(field=field, sealed=sealed, set_by=who(by)))
    session.flush()


def _replaced(desk: Desk, server: MailServer, settled: Settled) -> list[str]:
    """The stored secrets in clear that do not go on; one that can't be opened any more has no successor either."""
    found: list[str] = []
    for name in {one.field for one in server.secrets} - settled.kept:
        with suppress(SettingsError):
            found += opened_secrets(desk, server, [name]).values()
    return found


def free_name(session: Session, wanted: str) -> str:
    """The wanted name, or the same with a number behind it."""
    taken = {name.lower() for name in session.scalars(select(MailServer.name))}
    tries = (wanted if number == 1 else f"{wanted} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in tries if name.lower() not in taken)


def who(by: Actor) -> str:
    return by.name if isinstance(by, User) else by


def _both(desk: Desk, server: MailServer | None, typed: Typed, problems: Mapping[str, str]) -> Settled:
    """Settle, and say what is wrong with the name in the same refusal."""
    try:
        settled = settle(desk, server, typed)
    except Invalid as error:
        raise Invalid({**problems, **error.problems}) from None
    if problems:
        raise Invalid(problems)
    return settled


def _problems_of_name(session: Session, name: str, own: MailServer | None) -> dict[str, str]:
    name = name.strip()
    if not name:
        return {"server_name": "Give the server a name, so that you know it in lists."}
    if len(name) > NAME_LENGTH or not name.isprintable():
        return {
            "server_name": f"A name has at most {NAME_LENGTH} characters and no line breaks. Choose a shorter one."
        }
    query = select(MailServer.id).where(func.lower(MailServer.name) == name.lower())
    if own is not None:
        query = query.where(MailServer.id != own.id)
    if session.scalar(query) is not None:
        return {"server_name": f"There is a mail server called “{name}” already. Choose another name."}
    return {}


def _differences(server: MailServer, settled: Settled) -> list[str]:
    names = {n for n, v in settled.values.items() if as_text(server.values.get(n)) != as_text(v)}
    names |= {n for n, v in settled.limits.items() if getattr(server, n) != v}
    dropped: set[Any] = {one.field for one in server.secrets} - settled.kept
    return sorted(names | set(settled.secrets) | dropped)


def _go_on(server: MailServer) -> None:
    server.paused_at = None
    server.paused_by = server.paused_reason = server.paused_hint = ""
