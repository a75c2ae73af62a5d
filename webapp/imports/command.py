"""What the import commands of all lists share."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp.command import pass_desk, print_json
from webapp.desk import Desk

if TYPE_CHECKING:
    from webapp.imports.plan import Refused

EVERY = 50_000  # rows between two lines of progress


def importing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and the options that every import command has."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")(
        pass_desk(command)
    )
    command = click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")(
        command
    )
    return click.argument("file", type=click.Path(path_type=Path))(command)


def bring(slug: str, desk: Desk, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import a file as the operator, or say what the import would do. Refused rows go to stderr, the counts to stdout."""
    counts = take(slug, desk, file, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **counts})
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{counts['rows']} rows: {counts['new']} {would}new, {counts['changed']} {would}changed, "
        f"{counts['same']} the same, {counts['refused']} refused."
    )


def take(slug: str, desk: Desk, file: Path, *, dry_run: bool) -> dict[str, int]:
    """The counts of an import or of a dry run; how far it is stands on stderr where somebody looks on."""
    from webapp.imports import mapping as columns
    from webapp.imports.importing import Findings, check, take_in
    from webapp.imports.kinds import kind_of
    from webapp.imports.plan import Importer
    from webapp.imports.reading import open_table

    kind = kind_of(slug)
    table = open_table(file, kind.columns)
    with desk.reading() as session:
        mapping = columns.check(columns.found(session, table.header, kind), table.header, kind.columns)
    if dry_run:
        return check(
            desk.reading, table, mapping, kind, Importer(), refused=_refused, progress=_progress
        ).counts
    findings = Findings()
    for batch in take_in(desk.session, table, mapping, kind, Importer()):
        findings.add(batch)
        for row in batch.refused:
            _refused(row)
        _progress(findings.rows)
    return {name: count for name, count in findings.counts.items() if name != "missing"}


def _progress(rows: int) -> None:
    if rows % EVERY == 0:
        click.echo(f"{rows:,} rows …", err=True)


def _refused(row: "Refused") -> None:
    click.echo(f"line {row.line}: {row.field + ': ' if row.field else ''}{row.reason}", err=True)
