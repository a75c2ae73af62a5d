"""`offerpost affiliates`: lists of affiliates, in and out."""

from pathlib import Path
from typing import TextIO

import click

from webapp.command import pass_desk
from webapp.desk import Desk
from webapp.imports.command import bring, bring_listing, importing


@click.group("affiliates")
def affiliates_command() -> None:
    """Affiliates, from a file and into a file."""


@affiliates_command.command("import")
@importing
def import_command(desk: Desk, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add and change affiliates from a CSV or TSV file, or from the JSON of an affiliate listing. Mails nobody.

    A row is matched by affiliate_id, else by address with a stored affiliate that has no affiliate_id. Rows that can't be
    taken are told on stderr and stay out; the others go in, and the exit status is 0. It is 1 when the file can't be read.
    The JSON of an affiliate listing (AffiliateId, …, Campaigns[CampaignId, …]) brings its offers and assignments as well.
    """
    from webapp.imports.kinds import splitter

    if splitter().is_listing(file):
        bring_listing(desk, file, dry_run=dry_run, as_json=as_json)
    else:
        bring("affiliates", desk, file, dry_run=dry_run, as_json=as_json)


@affiliates_command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@pass_desk
def export_command(desk: Desk, file: TextIO) -> None:
    """Write all affiliates as CSV; “-” writes to stdout. Importing the file again changes nothing."""
    from webapp.affiliates.exporting import export

    with desk.reading() as session:
        for piece in export(session):
            file.write(piece)


@affiliates_command.command("erase")
@click.argument("who", metavar="AFFILIATE_ID|EMAIL")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@pass_desk
def erase_command(desk: Desk, who: str, yes: bool) -> None:
    """Erase a person for good. Mails keep their outcome and name nobody; an opt-out stays."""
    from webapp.accounts.audit import COMMAND_LINE
    from webapp.affiliates import erasing

    with desk.reading() as session:
        name = erasing.find(session, who).name
    if not yes:
        click.confirm(f"Erase {name}? This can't be taken back.", abort=True)
    with desk.session() as session:
        count = erasing.erase(session, COMMAND_LINE, erasing.find(session, who))
    click.echo(f"Erased. Outcomes kept, naming nobody: {count:,}.")
