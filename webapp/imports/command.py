"""What the import commands of all lists share."""

from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory
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
    else:
        click.echo(_sentence(counts, dry_run))


def bring_listing(desk: Desk, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """The same for a file that holds several lists. The counts of the first stand on top, those of the others by name."""
    from webapp.imports.kinds import kind_of, splitter

    found: dict[str, Any] = {"dry_run": dry_run}
    with TemporaryDirectory() as folder:
        with desk.reading() as session:
            parts = splitter().split(session, file, Path(folder))
        for part in parts:
            counts = take(
                part.slug, desk, part.path, dry_run=dry_run, leaves_out=part.leaves_out, expects=dry_run
            )
            found |= counts if part is parts[0] else {part.slug: counts}
            if "manager_email" in part.leaves_out:
                many = kind_of(part.slug).many
                click.echo(
                    f"Some managers of {many} are no users here, so managers stay as they are.", err=True
                )
            if not as_json:
                click.echo(f"{kind_of(part.slug).many.capitalize()}: {_sentence(counts, dry_run)}")
    if as_json:
        print_json(found)


def take(
    slug: str,
    desk: Desk,
    file: Path,
    *,
    dry_run: bool,
    leaves_out: Collection[str] = (),
    expects: bool = False,
) -> dict[str, int]:
    """The counts of an import or of a dry run; how far it is stands on stderr."""
    from webapp.imports import mapping as columns
    from webapp.imports.importing import Findings, check, take_in
    from webapp.imports.kinds import kind_of
    from webapp.imports.plan import Importer
    from webapp.imports.reading import open_table

    kind, importer = kind_of(slug), Importer(expects=expects)
    table = open_table(file, kind.columns)
    with desk.reading() as session:
        mapping = columns.check(columns.found(session, table.header, kind), table.header, kind.columns)
    mapping = {name: number for name, number in mapping.items() if name not in leaves_out}
    if dry_run:
        return check(
            desk.reading, table, mapping, kind, importer, refused=_refused, progress=_progress
        ).counts
    findings = Findings()
    for batch in take_in(desk.session, table, mapping, kind, importer):
        findings.add(batch)
        for row in batch.refused:
            _refused(row)
        _progress(findings.rows)
    return {name: count for name, count in findings.counts.items() if name != "missing"}


def _sentence(counts: dict[str, int], dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    return (
        f"{counts['rows']} rows: {counts['new']} {would}new, {counts['changed']} {would}changed, "
        f"{counts['same']} the same, {counts['refused']} refused."
    )


def _progress(rows: int) -> None:
    if rows % EVERY == 0:
        click.echo(f"{rows:,} rows …", err=True)


def _refused(row: "Refused") -> None:
    click.echo(f"line {row.line}: {row.field + ': ' if row.field else ''}{row.reason}", err=True)
