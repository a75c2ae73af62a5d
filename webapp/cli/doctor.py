"""`offerpost doctor`: looks for the usual mistakes of an installation and says what to do about each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from transports.errors import SettingsError
from webapp.cli import surroundings
from webapp.cli.finding import Finding
from webapp.command import pass_desk, print_json
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail, SenderProcess
from webapp.settings import store
from webapp.settings.models import MailServer, Setting
from webapp.settings.opening import settings_of

SILENT = timedelta(minutes=2)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help='Print {"findings": [{check, verdict, said, remedy}]}.')
@pass_desk
def doctor_command(desk: Desk, as_json: bool) -> None:
    """Look for the usual mistakes; exit status 1 if something is broken."""
    findings = [finding for check in CHECKS for finding in check(desk)]
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(_line(finding))
    if any(finding.verdict == "fail" for finding in findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    line = f"{finding.verdict:5} {finding.check}: {finding.said}"
    return f"{line}\n      → {finding.remedy}" if finding.remedy else line


def _sender(desk: Desk) -> Iterator[Finding]:
    with desk.reading() as session:
        beat = session.scalar(select(func.max(SenderProcess.beat_at)).where(SenderProcess.ended_at.is_(None)))
    if beat is None or utcnow() - beat > SILENT:
        remedy = "Start one: offerpost serve (or offerpost worker on a machine of its own)."
        yield Finding(
            "sender", "fail", "No sender has been heard of for two minutes: nothing is being sent.", remedy
        )
    else:
        yield Finding(
            "sender", "pass", f"A sender was heard of {int((utcnow() - beat).total_seconds())} s ago."
        )


def _servers(desk: Desk) -> Iterator[Finding]:
    with desk.reading() as session:
        servers = session.scalars(select(MailServer).where(MailServer.draft_until.is_(None))).all()
        if not any(server.is_default for server in servers):
            remedy = "offerpost server default NAME"
            yield Finding("mail servers", "fail", "No mail server is the default.", remedy)
        yield from (_server(desk, server) for server in servers)
        yield from _only_a_folder(desk, session, servers)


def _server(desk: Desk, server: MailServer) -> Finding:
    kind = next((kind for kind in desk.registry.kinds() if kind.kind == server.kind), None)
    if kind is None:
        said = f"“{server.name}” needs the transport “{server.kind}”, which is not installed."
        return Finding("mail servers", "fail", said, "Install its plugin again, or choose another server.")
    missing = kind.unavailable()
    if missing:
        return Finding("mail servers", "fail", f"“{server.name}” can’t be used here.", missing)
    try:
        settings_of(desk, server)
    except SettingsError as error:
        return Finding("mail servers", "fail", f"“{server.name}”: {error.reason}", error.hint)
    if server.paused_at:
        remedy = server.paused_hint or f"offerpost server resume '{server.name}'"
        return Finding("mail servers", "warn", f"“{server.name}” is paused: {server.paused_reason}", remedy)
    return Finding("mail servers", "pass", f"“{server.name}” ({server.kind}) is in use.")


def _only_a_folder(desk: Desk, session: Session, servers: Sequence[MailServer]) -> Iterator[Finding]:
    """A desk that people reach by https is not one that is being tried out."""
    default = next((server for server in servers if server.is_default), None)
    if default is None or default.kind != "folder":
        return
    if store.public_url(session, desk.config).startswith("https://"):
        said = f"The default, “{default.name}”, puts mail into a folder: it reaches nobody."
        remedy = "offerpost server add smtp NAME host=…, then offerpost server default NAME"
        yield Finding("mail servers", "warn", said, remedy)


def _plugins(desk: Desk) -> Iterator[Finding]:
    for refusal in desk.registry.refused:
        yield Finding("plugins", "warn", f"{refusal.source} was refused: {refusal.reason}", refusal.remedy)


def _identity(desk: Desk) -> Iterator[Finding]:
    with desk.reading() as session:
        known = {setting.key: setting.value for setting in session.scalars(select(Setting))}
    for key in ("network_name", "postal_address", "from_address"):
        if not known.get(key):
            remedy = f"offerpost settings set {key}=…"
            yield Finding("identity", "warn", f"{key} is not set; announcements need it.", remedy)
    address = known.get("public_url") or desk.config.public_url
    if not address.startswith("https://"):
        said = f"The public address is {address or 'not set'}; one-click unsubscribe needs https."
        yield Finding("identity", "warn", said, "offerpost settings set public_url=https://…")


def _queue(desk: Desk) -> Iterator[Finding]:
    with desk.reading() as session:
        oldest = session.scalar(select(func.min(OutboxMail.created_at)).where(OutboxMail.state == "queued"))
        stuck = session.scalar(
            select(func.count()).where(
                OutboxMail.state == "sending", OutboxMail.lease_until < utcnow() - SILENT
            )
        )
    if stuck:
        yield Finding(
            "queue",
            "fail",
            f"{stuck} mails were claimed by a sender that is gone.",
            "Start a sender: it settles them.",
        )
    if oldest and utcnow() - oldest > timedelta(hours=1):
        yield Finding(
            "queue", "warn", f"The oldest mail that was never tried is from {oldest:%Y-%m-%d %H:%M} UTC."
        )


CHECKS: tuple[Callable[[Desk], Iterator[Finding]], ...] = (
    *surroundings.CHECKS,
    _sender,
    _servers,
    _plugins,
    _identity,
    _queue,
)
