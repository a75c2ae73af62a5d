"""`offerpost suppression`: addresses that are not to be mailed."""

import csv
from collections.abc import Iterator
from typing import TextIO

import click

from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.feedback.lists import PAGE, harmless, take_in
from webapp.mail import suppressions
from webapp.mail.models import Suppression

COLUMNS = ("address", "scope", "reason", "note", "created_at")


@click.group("suppression")
def suppression_command() -> None:
    """Addresses that are not to be mailed."""


@suppression_command.command("list")
@click.option("--search", default="", help="Only addresses that begin like this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def list_command(desk: Desk, search: str, as_json: bool) -> None:
    """Show the suppressed addresses, the newest first."""
    with desk.reading() as session:
        rows = [_as_row(one) for one in _all(desk, search)]
        total = suppressions.count(session, search=search)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("{address}  {scope}  {reason}  {note}".format(**row).rstrip())
    click.echo(f"{total} suppressed." if total else "Nobody is suppressed.")


@suppression_command.command("add")
@click.argument("address")
@click.option(
    "--scope", type=click.Choice(suppressions.SCOPES), default=suppressions.ALL, help="What is barred."
)
@click.option("--note", default="", help="Why, for those who read the list later.")
@pass_desk
def add_command(desk: Desk, address: str, scope: str, note: str) -> None:
    """Bar an address: from everything, or from announcements only."""
    with desk.session() as session:
        added = suppressions.add(session, address, scope=scope, note=note)
    click.echo(f"{suppressions.normal(address)} is {'now' if added else 'already'} suppressed.")


@suppression_command.command("remove")
@click.argument("address")
@pass_desk
def remove_command(desk: Desk, address: str) -> None:
    """Allow an address again."""
    with desk.session() as session:
        suppressions.remove(session, address)
    click.echo(f"{suppressions.normal(address)} may be mailed again.")


@suppression_command.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@pass_desk
def import_command(desk: Desk, file: TextIO) -> None:
    """Bar every address of a file: one a line, or CSV with the columns of the export."""
    taken = take_in(desk, file)
    for words in taken.refused:
        click.echo(words, err=True)
    refused = len(taken.refused)
    click.echo(f"{taken.added} added, {taken.known} were suppressed already, {refused} lines refused.")
    if refused:
        raise SystemExit(1)


@suppression_command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@pass_desk
def export_command(desk: Desk, file: TextIO) -> None:
    """Write all suppressed addresses as CSV; `-` is standard output."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for one in _all(desk, ""):
        writer.writerow({key: harmless(str(value)) for key, value in _as_row(one).items()})


def _all(desk: Desk, search: str) -> Iterator[Suppression]:
    offset = 0
    while True:
        with desk.reading() as session:
            page = suppressions.find(session, search=search, limit=PAGE, offset=offset)
        yield from page
        if len(page) < PAGE:
            return
        offset += PAGE


def _as_row(one: Suppression) -> dict[str, str]:
    return {
        "address": one.address,
        "scope": one.scope,
        "reason": one.reason,
        "note": one.note,
        "created_at": one.created_at.isoformat(),
    }
