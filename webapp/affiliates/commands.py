"""`offerpost affiliates`: lists of affiliates, in and out."""

from pathlib import Path
from typing import TextIO

import click

from webapp.affiliates.mapping import check as check_mapping
from webapp.affiliates.mapping import guess, remembered
from webapp.command import pass_desk, print_json
from webapp.desk import Desk


@click.group("affiliates")
def affiliates_command() -> None:
    """Affiliates, from a file and into a file."""


@affiliates_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_desk
def import_command(desk: Desk, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add and change affiliates from a CSV or TSV file. Mails nobody.

    A row is matched by affiliate_id, else by address with a stored affiliate that has no affiliate_id. Rows that can't be
    taken are told on stderr and stay out; the others go in, and the exit status is 0. It is 1 when the file can't be read.
    """
    from webapp.affiliates.importing import Findings, check, take_in
    from webapp.affiliates.plan import Importer, Refused
    from webapp.affiliates.reading import open_table

    def refused(row: Refused) -> None:
        click.echo(f"line {row.line}: {row.field + ': ' if row.field else ''}{row.reason}", err=True)

    table = open_table(file)
    with desk.reading() as session:
        mapping = check_mapping(remembered(session, table.header) or guess(table.header), table.header)
    if dry_run:
        findings = check(desk.reading, table, mapping, Importer(), refused=refused)
        counts = findings.counts
    else:
        findings = Findings()
        for batch in take_in(desk.session, table, mapping, Importer()):
            findings.add(batch)
            for row in batch.refused:
                refused(row)
        counts = {name: count for name, count in findings.counts.items() if name != "missing"}
    _tell(counts, dry_run=dry_run, as_json=as_json)


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


def _tell(counts: dict[str, int], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"dry_run": dry_run, **counts})
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{counts['rows']} rows: {counts['new']} {would}new, {counts['changed']} {would}changed, "
        f"{counts['same']} the same, {counts['refused']} refused."
    )
