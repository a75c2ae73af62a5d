"""`offerpost doctor`: looks for the usual mistakes of an installation and says what to do about each."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

import click
from sqlalchemy import func, select

from webapp.command import pass_desk, print_json
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail, SenderProcess
from webapp.settings.models import MailServer, Setting

SILENT = timedelta(minutes=2)
LITTLE_SPACE = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: Literal["pass", "warn", "fail"]
    said: str
    remedy: str = ""


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


def _key_file(desk: Desk) -> Iterator[Finding]:
    path = desk.config.key_file
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            "key file", "fail", f"{path.name} can be read by others (mode {mode:o}).", f"chmod 600 {path}"
        )
    else:
        yield Finding(
            "key file",
            "pass",
            f"{path.name} is readable by its owner only. Backups never contain it: keep a copy.",
        )


def _disk(desk: Desk) -> Iterator[Finding]:
    free = shutil.disk_usage(desk.config.home).free
    said = f"{free // 1024**2:,} MB are free where the instance lies."
    if free < LITTLE_SPACE:
        yield Finding(
            "disk",
            "warn",
            said,
            "Make room: without space no mail is sent, since its result could not be kept.",
        )
    else:
        yield Finding("disk", "pass", said)


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
        yield Finding(
            "mail servers", "fail", "No mail server is the default.", "offerpost server default NAME"
        )
    for server in servers:
        if server.paused_at:
            said = f"“{server.name}” is paused: {server.paused_reason}"
            yield Finding(
                "mail servers", "warn", said, server.paused_hint or f"offerpost server resume '{server.name}'"
            )
        elif server.kind not in {kind.kind for kind in desk.registry.kinds()}:
            said = f"“{server.name}” needs the transport “{server.kind}”, which is not installed."
            yield Finding("mail servers", "fail", said, "Install its plugin again, or choose another server.")
        else:
            yield Finding("mail servers", "pass", f"“{server.name}” ({server.kind}) is in use.")


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
    _key_file,
    _disk,
    _sender,
    _servers,
    _plugins,
    _identity,
    _queue,
)
