"""The connection test: each step of a session with saved or unsaved values. Nothing is sent, nothing is stored."""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from transports.checks import Check, Step, Verdict
from transports.errors import SettingsError
from webapp.accounts import audit
from webapp.accounts.models import AuditEntry
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict
from webapp.settings.models import MailServer
from webapp.settings.opening import transport_class
from webapp.settings.renewing import DeskKeeper
from webapp.settings.servers import Actor, who
from webapp.settings.settle import Settled, settings_to_try

log = logging.getLogger("offerpost.probe")

PER_MINUTE = 10
TRIED = "connection tested"


def prepared(
    desk: Desk, session: Session, by: Actor, server: MailServer | None, settled: Settled
) -> Mapping[str, Any] | SettingsError:
    """The settings to try, noted in the audit trail. After this the caller lets go of the database.

    Raises `Conflict` for somebody who tests too often: a test could otherwise be used to scan a network.
    """
    slow_down(session, by)
    name = server.name if server is not None else settled.kind
    place = {
        key: settled.values[key] for key in ("host", "port", "endpoint", "region") if settled.values.get(key)
    }
    audit.record(session, by, TRIED, name, kind=settled.kind, **place)
    try:
        return settings_to_try(desk, server, settled)
    except SettingsError as error:
        return error


def probe(desk: Desk, kind: str, settings: Mapping[str, Any] | SettingsError, sender: str) -> list[Check]:
    """Every step of the test. Never raises, whatever a plugin does; call it with no transaction open."""
    if isinstance(settings, SettingsError):
        return _failed(settings.reason, settings.hint)
    missing = desk.registry.unavailable(kind)
    if missing:
        return _failed(missing, "")
    try:
        transport = transport_class(desk, kind)(settings, net=desk.net, log=log)
        transport.keeper = DeskKeeper(desk)
        checks = list(transport.probe(sender))
    except Exception as fault:
        log.error("the connection test of %s failed with %s", kind, type(fault).__name__)
        return _failed(
            f"The plugin {kind} failed during the test: {type(fault).__name__}.", "Tell its author."
        )
    return [_discreet(check) for check in checks]


def passed(checks: list[Check]) -> bool:
    return bool(checks) and all(check.verdict is not Verdict.FAIL for check in checks)


def slow_down(session: Session, by: Actor) -> None:
    """Raise `Conflict` for somebody who tests too often."""
    since = utcnow() - timedelta(minutes=1)
    name = by if isinstance(by, str) else by.email
    query = select(func.count(AuditEntry.id)).where(
        AuditEntry.at > since, AuditEntry.action == TRIED, AuditEntry.who == name
    )
    if (session.scalar(query) or 0) >= PER_MINUTE and who(by) != audit.COMMAND_LINE:
        raise Conflict(f"You tested {PER_MINUTE} times within a minute. Wait a minute, then test again.")


def _discreet(check: Check) -> Check:
    """Before anything has spoken a mail protocol, only our own words are shown: the rest would describe the inner network."""
    early = check.step in (Step.RESOLVE, Step.CONNECT, Step.ENCRYPT)
    if check.verdict is Verdict.FAIL and early and not re.match(r"\d{3}[ -]", check.said):
        return replace(check, said="")
    return check


def _failed(reason: str, hint: str) -> list[Check]:
    first = Check(Step.RESOLVE, Verdict.FAIL, words=reason, remedies=(hint,) if hint else ())
    return [first, *(Check(step, Verdict.SKIP, words="not reached") for step in list(Step)[1:])]
