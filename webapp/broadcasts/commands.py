"""`offerpost broadcast`: messages without a browser. The command line is the operator and may write to everybody."""

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.broadcasts import drafts, mail_check, outcomes, release, starting
from webapp.broadcasts.listing import state_of
from webapp.broadcasts.models import Broadcast
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.outbox import control
from webapp.mail.outbox.counters import UNFINISHED, as_counts
from webapp.mail.states import MailingState, State
from webapp.mail_templates import queries
from webapp.mail_templates import service as templates

LOOK_EVERY = 0.5
Command = Callable[..., Any]


@click.group("broadcast")
def broadcast_command() -> None:
    """Messages to affiliates."""


def _steering(command: Command) -> Command:
    """The argument and the options that start, pause, resume, cancel and status share."""
    command = click.option(
        "--wait", is_flag=True, help="Follow it until nothing changes by itself any more."
    )(command)
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    return click.argument("broadcast_id", metavar="ID", type=int)(command)


@broadcast_command.command("create")
@click.option("--name", required=True, help="How your team finds it again.")
@click.option("--template", help="Begin with this template, by its name.")
@click.option("--subject", help="The subject; tokens are allowed.")
@click.option(
    "--html",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the text in HTML.",
)
@click.option(
    "--audience",
    default="all",
    show_default=True,
    help="all, group:NAME, manager:EMAIL, offer:CID, without:CID or segment:NUMBER, joined by +, narrowed by &, taken out by -.",
)
@click.option(
    "--offer", default="", metavar="CID", help="The offer it is about; its tokens have values then."
)
@click.option(
    "--kind",
    type=click.Choice(["announcement", "operational"]),
    help="Announcements (usual) can be left; operational mail is about the account.",
)
@click.option("--count-clicks", is_flag=True, help="Let its links lead by us, so that clicks are counted.")
@click.option(
    "--count-opens", is_flag=True, help="Count how often an announcement is opened, of all together: a hint."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def create(
    desk: Desk,
    name: str,
    template: str | None,
    subject: str | None,
    file: Path | None,
    audience: str,
    offer: str,
    kind: str | None,
    count_clicks: bool,
    count_opens: bool,
    as_json: bool,
) -> None:
    """Write a message, with a text of your own or from a template. Nothing is sent before it is started."""
    if template is None and not (subject and file):
        raise click.UsageError("Name a --template, or give --subject and --html.")
    with desk.session() as session:
        text = drafts.Text(
            subject=subject or "",
            html=_read(file) if file else "",
            name=name,
            audience=audience,
            offer=offer.strip(),
            counts_clicks=count_clicks,
            counts_opens=count_opens,
        )
        text = replace(text, kind=kind or text.kind)
        if template is not None:
            text = _from_template(session, template, text, kind)
        broadcast = drafts.create(session, desk.config, None, text)
        audit.record(session, audit.COMMAND_LINE, "message.created", broadcast.name)
        number = broadcast.id
    if as_json:
        print_json({"id": number})
    else:
        click.echo(f"Message {number} is written. Send it with “offerpost broadcast start {number}”.")


@broadcast_command.command("start")
@_steering
@click.option("--send-gaps", is_flag=True, help="Also mail those who lack a value that the text uses.")
@click.option(
    "--anyway",
    default="",
    metavar="REASON",
    help="Why it is sent although the mail check fails, or nobody has approved so many.",
)
@pass_desk
def start(desk: Desk, broadcast_id: int, as_json: bool, wait: bool, send_gaps: bool, anyway: str) -> None:
    """Send it, if the mail check finds nothing that stops it. A second time changes nothing.

    Where a second person approves messages to many, such a one is refused here too, unless you say why.
    """
    with desk.session() as session:
        broadcast = session.get(Broadcast, broadcast_id)
        if broadcast is not None and broadcast.mailing_id is None:
            found = mail_check.check(desk, session, broadcast, skipping=not send_gaps)
            mail_check.overrule(session, audit.COMMAND_LINE, broadcast, found, anyway)
            mailing = starting.start(session, desk.config, None, broadcast_id, skip_missing=not send_gaps)
            _check_number(session, broadcast, mailing.queued, anyway)
        else:
            starting.start(session, desk.config, None, broadcast_id)  # there already, or nowhere
    _report(desk, broadcast_id, as_json, wait)


@broadcast_command.command("pause")
@_steering
@pass_desk
def pause(desk: Desk, broadcast_id: int, as_json: bool, wait: bool) -> None:
    """Hold what has not left."""
    _act(desk, broadcast_id, "message.paused", control.pause)
    _report(desk, broadcast_id, as_json, wait)


@broadcast_command.command("resume")
@_steering
@pass_desk
def resume(desk: Desk, broadcast_id: int, as_json: bool, wait: bool) -> None:
    """Go on after a pause."""
    _act(desk, broadcast_id, "message.resumed", control.resume)
    _report(desk, broadcast_id, as_json, wait)


@broadcast_command.command("cancel")
@_steering
@pass_desk
def cancel(desk: Desk, broadcast_id: int, as_json: bool, wait: bool) -> None:
    """Stop for good what has not left."""
    _act(desk, broadcast_id, "message.cancelled", control.cancel)
    _report(desk, broadcast_id, as_json, wait)


@broadcast_command.command("status")
@_steering
@pass_desk
def status(desk: Desk, broadcast_id: int, as_json: bool, wait: bool) -> None:
    """Say where it stands."""
    _report(desk, broadcast_id, as_json, wait)


@broadcast_command.command("resend")
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--failed", "which", flag_value="failed", help="Those that were refused for good.")
@click.option(
    "--unknown", "which", flag_value="unknown", help="Those that may have gone; somebody may get it twice."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def resend(desk: Desk, broadcast_id: int, which: str | None, as_json: bool) -> None:
    """Queue the failed or the unknown mails again, and no others."""
    if which is None:
        raise click.UsageError("Say which ones: --failed or --unknown.")
    _act(
        desk, broadcast_id, "message.resent", lambda session, mailing: control.resend(session, mailing, which)
    )
    _report(desk, broadcast_id, as_json, wait=False)


@broadcast_command.command("outcome")
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option(
    "--csv",
    "file",
    required=True,
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Where to write it; - is the screen.",
)
@pass_desk
def outcome(desk: Desk, broadcast_id: int, file: Path) -> None:
    """Write what became of each mail as CSV."""
    with desk.reading() as session:
        broadcast = _find(session, broadcast_id)
        if broadcast.mailing is None:
            raise NotFound(f"Message {broadcast_id} is still a draft, so there is no outcome yet.")
        lines = outcomes.export(session, broadcast.mailing)
        if str(file) == "-":
            sys.stdout.writelines(lines)
            return
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(lines)


def _check_number(session: Session, broadcast: Broadcast, recipients: int, anyway: str) -> None:
    """What two people have to look at waits for them here too; with a reason it goes, and the audit trail keeps it."""
    try:
        release.check_number(session, broadcast, recipients)
    except Conflict as error:
        reason = " ".join(anyway.split())[: mail_check.LONGEST_REASON]
        if len(reason) < mail_check.SHORTEST_REASON:
            raise Conflict(f"{error} Or say with --anyway why it is sent without.") from error
        said = {"reason": reason, "recipients": recipients}
        audit.record(session, audit.COMMAND_LINE, "message.sent_unapproved", broadcast.name, **said)


def _from_template(session: Session, name: str, own: drafts.Text, kind: str | None) -> drafts.Text:
    """The template's text, but for what was given on the command line."""
    template = queries.find(session, name)
    templates.used(session, template.slug)
    begun = {field: getattr(own, field) or value for field, value in asdict(template.text).items()}
    return replace(own, kind=kind or template.kind, **begun)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid({"html": f"{file.name} is not UTF-8. Save it as UTF-8."}) from error


def _find(session: Session, broadcast_id: int) -> Broadcast:
    broadcast = session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None:
        raise NotFound(f"There is no message {broadcast_id}.")
    return broadcast


def _act(desk: Desk, broadcast_id: int, action: str, deed: Callable[[Session, int], object]) -> None:
    with desk.session() as session:
        broadcast = _find(session, broadcast_id)
        if broadcast.mailing_id is None:
            raise NotFound(f"Message {broadcast_id} is still a draft. Start it first.")
        deed(session, broadcast.mailing_id)
        audit.record(session, audit.COMMAND_LINE, action, broadcast.name)


def _report(desk: Desk, broadcast_id: int, as_json: bool, wait: bool) -> None:
    found = _status(desk, broadcast_id)
    while wait and _moves(found):
        time.sleep(LOOK_EVERY)
        found = _status(desk, broadcast_id)
    if as_json:
        print_json(found)
        return
    counts = ", ".join(f"{count:,} {state}" for state, count in found["counts"].items() if count)
    words = found["state"].replace("_", " ")
    click.echo(f"{found['name']}: {words}. {counts or 'Nothing'} of {found['total']:,}.")


def _status(desk: Desk, broadcast_id: int) -> dict[str, Any]:
    with desk.reading() as session:
        broadcast = _find(session, broadcast_id)
        mailing = broadcast.mailing
        return {
            "id": broadcast.id,
            "name": broadcast.name,
            "state": str(state_of(broadcast)),
            "counts": dict(as_counts(mailing)) if mailing else {state.value: 0 for state in State},
            "total": mailing.total if mailing else 0,
        }


def _moves(found: dict[str, Any]) -> bool:
    """Whether waiting makes sense: a paused message stands once nothing is on the line, a draft always."""
    if found["state"] in (MailingState.PAUSED, MailingState.CANCELLED):
        return bool(found["counts"][State.SENDING])
    return any(found["counts"][state] for state in UNFINISHED)
