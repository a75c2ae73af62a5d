"""`offerpost settings`: who the network is, without the pages."""

from dataclasses import asdict

import click

from webapp.accounts import audit
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.settings import arguments, store


@click.group("settings")
def settings_command() -> None:
    """Network name, addresses, time zone: show and set them."""


@settings_command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def show_command(desk: Desk, as_json: bool) -> None:
    """Print every setting."""
    with desk.reading() as session:
        found = asdict(store.identity(session))
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        click.echo(f"{key}={value}")


@settings_command.command("set")
@click.argument("values", metavar="KEY=VALUE...", nargs=-1, required=True)
@pass_desk
def set_command(desk: Desk, values: tuple[str, ...]) -> None:
    """Set one or more; an empty value takes a setting back to its default. Nothing is saved if one is wrong.

    \b
    The keys: network_name, postal_address, from_name, from_address, reply_to, public_url,
    tracking_url, bounce_address, rspamd_url, timezone, keep_attempts_days, keep_mails_days, keep_audit_days, keep_returned_days,
    portal (on, off), portal_name, portal_welcome, tax_form (off, upload, link), tax_form_url,
    approve_above, most_announcements, announcement_days,
    ending_days, tax_reminder_days, cap_percent,
    applications (on, off), applications_welcome, applications_terms_url.
    """
    given = arguments.pairs(values)
    with desk.session() as session:
        store.put(session, given)
        audit.record(session, audit.COMMAND_LINE, "settings changed", ", ".join(given))
    click.echo(f"Saved: {', '.join(given)}.")
