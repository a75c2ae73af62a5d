"""`offerpost bounce`: mail that came back, from a pipe or from files."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.feedback.intake import UNREADABLE, TakenIn, take_in
from webapp.feedback.mailbox.fetching import Fetched, fetch
from webapp.feedback.mailboxes import mails_in
from webapp.feedback.reader_process import PatientReader, Unreadable
from webapp.feedback.returned import Reading, Recipient


@click.group("bounce")
def bounce_command() -> None:
    """Mail that came back: bounces, complaints, automatic replies."""


@bounce_command.command("ingest")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list, one entry a mail.")
@pass_desk
def ingest_command(desk: Desk, files: tuple[Path, ...], as_json: bool) -> None:
    """Take in a mail from standard input, or those of files and folders: single mails, mailbox files, Maildirs.

    Each mail is stored, then read. What it says counts for the mail of ours that it belongs to; the same mail counts once.
    An address is barred by a bounce only if that came to the signed sender address of a mail that was tried within the last
    14 days, and says that the address does not exist; by a complaint at once. To pipe what arrives into this, put
    `|/path/to/offerpost bounce ingest` behind the bounce address in the aliases of your mail server.

    JSON: file, kind (bounce, complaint, auto_reply or other), recipients (address, class: hard, soft or unknown, status,
    reply), matched.
    """
    with PatientReader() as reader:
        taken = [
            (name, take_in(desk, raw, "pipe", reader)) for name, raw in mails_in(files, sys.stdin.buffer)
        ]
    if as_json:
        print_json([_as_json(name, one) for name, one in taken])
        return
    for name, one in taken:
        _tell(name, one)


@bounce_command.command("explain")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a mail.")
def explain_command(files: tuple[Path, ...], as_json: bool) -> None:
    """Tell what is understood of mails that came back; store nothing, act on nothing.

    Reads standard input, or files and folders: single mails, mailbox files, Maildirs. Needs no instance.

    JSON lines: file, kind (bounce, complaint, auto_reply, other, or unreadable), recipients (address, class: hard, soft or
    unknown, status: the enhanced code or three digits, reason: no_such_address, mailbox_full, inactive, refused, not_now or
    empty, reply: the words of the server).
    """
    with PatientReader() as reader:
        for name, raw in mails_in(files, sys.stdin.buffer):
            _explain(name, raw, reader, as_json=as_json)


def _explain(name: str, raw: bytes, reader: PatientReader, *, as_json: bool) -> None:
    try:
        reading: Reading | None = reader(raw)
    except Unreadable:
        reading = None
    kind = reading.kind.value if reading else UNREADABLE
    found = reading.recipients if reading else ()
    if as_json:
        told = [{**_recipient(who), "reason": who.reason.value} for who in found]
        click.echo(json.dumps({"file": name, "kind": kind, "recipients": told}, ensure_ascii=False))
        return
    click.echo(f"{name}: {kind.replace('_', ' ')}.")
    for who in found:
        click.echo(_line(who))


@bounce_command.command("fetch")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def fetch_command(desk: Desk, as_json: bool) -> None:
    """Take in what is new in the mailbox that is set up under Email settings.

    Each mail is stored before anything happens to it in the mailbox. When it fails, the next run goes on where this ended.

    JSON: mails, trouble (why it ended early, or empty).
    """
    done = Fetched()
    with PatientReader() as reader:
        while not (done.complete or done.trouble):
            more = fetch(desk, reader)
            done = replace(more, mails=done.mails + more.mails)
    if as_json:
        print_json({"mails": done.mails, "trouble": done.trouble})
    else:
        click.echo(f"{done.mails} mails fetched.")
    if done.trouble:
        raise click.ClickException(done.trouble)


def _as_json(name: str, one: TakenIn) -> dict[str, Any]:
    return {
        "file": name,
        "kind": one.reading.kind.value,
        "recipients": [_recipient(who) for who in one.reading.recipients],
        "matched": one.mail_id is not None,
    }


def _tell(name: str, one: TakenIn) -> None:
    click.echo(f"{name}: {one.reading.kind.value.replace('_', ' ')}. {one.note}")
    for who in one.reading.recipients:
        click.echo(_line(who))


def _recipient(who: Recipient) -> dict[str, str]:
    return {
        "address": who.address,
        "class": who.severity.value,
        "status": who.status,
        "reply": who.reply,
    }


def _line(who: Recipient) -> str:
    return f"  {who.address}  {who.severity.value}  {who.status}  {who.reply}".rstrip()
