"""`offerpost offers` and `offerpost assignments`: lists of both, in and out."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy.orm import Session

from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.imports.command import bring, importing

_everything = click.option("--everything", is_flag=True, help="Add logo, caps and manager to the columns.")


@click.group("offers")
def offers_command() -> None:
    """Offers, from a file and into a file."""


@offers_command.command("import")
@importing
def import_offers(desk: Desk, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add and change offers from a CSV or TSV file. Mails nobody.

    A row is matched by cid. Rows that can't be taken are told on stderr and stay out; the others go in, and the exit status
    is 0. It is 1 when the file can't be read.
    """
    bring("offers", desk, file, dry_run=dry_run, as_json=as_json)


@offers_command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@_everything
@pass_desk
def export_offers(desk: Desk, file: TextIO, everything: bool) -> None:
    """Write all offers as CSV; “-” writes to stdout. Importing the file again changes nothing."""
    from webapp.offers.exporting import offers

    _write(desk, file, partial(offers, everything=everything))


@offers_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def list_offers(desk: Desk, as_json: bool) -> None:
    """Show all offers with how many affiliates run each."""
    from webapp.offers.queries import told

    with desk.reading() as session:
        found = told(session)
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(f"{one['cid']}\t{one['status']}\t{one['payout']}\t{one['affiliates']}\t{one['name']}")


@offers_command.command("report-cap")
@click.argument("cid")
@click.argument("cap", type=click.Choice(("daily", "monthly", "total", "own")))
@click.argument("used", type=click.IntRange(min=0))
@click.option("--affiliate", "number", metavar="ID", help="Whose own cap it is; needed for “own”.")
@pass_desk
def report_cap(desk: Desk, cid: str, cap: str, used: int, number: str | None) -> None:
    """Say how many conversions of a cap are used up today; whoever it concerns is mailed at the threshold and at 100 %.

    Reporting the same again, or a higher number, mails nobody twice: each cap has one mail a threshold and period.
    """
    from webapp.announce import told
    from webapp.db import utcnow
    from webapp.offers import access, caps

    with desk.session() as session:
        offer = access.by_cid(session, None, cid)
        caps.report(session, offer, cap, used, utcnow().date(), number)
        said = (
            " ".join(str(each) for each in told(session))
            or "The threshold is not reached. Nobody was mailed."
        )
    click.echo(said)


@click.group("assignments")
def assignments_command() -> None:
    """Which affiliate runs which offer, from a file and into a file."""


@assignments_command.command("import")
@importing
def import_assignments(desk: Desk, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add and change assignments of affiliates to offers from a CSV or TSV file. Mails nobody.

    A row is matched by affiliate_id and cid together; the affiliate and the offer must be here already. An empty payout or
    tracking_url means that of the offer. Rows that can't be taken are told on stderr and stay out.
    """
    bring("assignments", desk, file, dry_run=dry_run, as_json=as_json)


@assignments_command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@_everything
@pass_desk
def export_assignments(desk: Desk, file: TextIO, everything: bool) -> None:
    """Write all assignments as CSV; “-” writes to stdout. Importing the file again changes nothing."""
    from webapp.offers.exporting import assignments

    _write(desk, file, partial(assignments, everything=everything))


def _write(desk: Desk, file: TextIO, pieces: Callable[[Session], Iterator[str]]) -> None:
    with desk.reading() as session:
        for piece in pieces(session):
            file.write(piece)
