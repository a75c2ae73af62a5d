"""`offerpost dkim`: the keys that sign mail, and the DNS records that go with them."""

from typing import Any

import click

from webapp.accounts import audit
from webapp.command import NameServer, pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import Conflict
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.models import DkimKey
from webapp.mail.signing import keys
from webapp.mail.signing.published import fault_in_dns

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
KINDS = {
    "rsa": (Algorithm.RSA,),
    "ed25519": (Algorithm.ED25519,),
    "both": (Algorithm.RSA, Algorithm.ED25519),
}


@click.group("dkim")
def dkim_command() -> None:
    """Sign mail with DKIM: list, add, rotate, activate and retire keys.

    A key belongs to one domain and signs every mail whose from address is there. A new key signs nothing until its DNS
    record is published and the key is activated, since receivers refuse signatures that they cannot check.
    """


@dkim_command.command("list")
@click.argument("domain", default="")
@as_json
@pass_desk
def list_command(desk: Desk, domain: str, as_json: bool) -> None:
    """Show the keys and their DNS records. Private keys are never printed."""
    with desk.reading() as session:
        found = keys.every(session, domain)
    if as_json:
        print_json([described(key) for key in found])
        return
    for key in found:
        click.echo(f"{key.domain}  {key.selector}  {key.algorithm}  {key.state}")
        if key.state != keys.KeyState.RETIRED:
            _print_record(key)
    if not found:
        click.echo("No mail is signed: there is no key. `offerpost dkim add DOMAIN` makes one.")


@dkim_command.command("add")
@click.argument("domain")
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(KINDS)),
    default="rsa",
    help="rsa: every receiver knows it (default). ed25519: beside RSA, some know it. both: two records.",
)
@as_json
@pass_desk
def add_command(desk: Desk, domain: str, kind: str, as_json: bool) -> None:
    """Make the first key of a domain and print its DNS record. It signs nothing before `activate`."""
    with desk.session() as session:
        made = keys.add(session, desk.vault, domain, KINDS[kind])
        for key in made:
            audit.record(session, audit.COMMAND_LINE, "DKIM key added", f"{key.domain} {key.selector}")
    _say_made(made, as_json)


@dkim_command.command("rotate")
@click.argument("domain")
@as_json
@pass_desk
def rotate_command(desk: Desk, domain: str, as_json: bool) -> None:
    """Make a new key beside each active one and print its DNS record. The old one signs until the new one is activated."""
    with desk.session() as session:
        made = keys.rotate(session, desk.vault, domain)
        for key in made:
            audit.record(session, audit.COMMAND_LINE, "DKIM key added", f"{key.domain} {key.selector}")
    _say_made(made, as_json)


@dkim_command.command("activate")
@click.argument("domain")
@click.argument("selector")
@click.option("--unchecked", is_flag=True, help="Also if the DNS does not show its record from here.")
@click.option("--resolver", type=NameServer(), help="Ask only this DNS server.")
@as_json
@pass_desk
def activate_command(
    desk: Desk,
    domain: str,
    selector: str,
    unchecked: bool,
    resolver: tuple[str, int] | None,
    as_json: bool,
) -> None:
    """Sign with this key from now on, once its DNS record is found. The key that did so before is retired."""
    with desk.reading() as session:
        key = keys.find(session, domain, selector)
    if not unchecked and (fault := fault_in_dns(keys.record_of(key), resolver=resolver)):
        raise Conflict(
            f"{fault} Mail signed with {selector} would be refused, so nothing was changed."
            f" `offerpost dkim list {key.domain}` shows the record; a new one may take an hour to be seen."
        )
    with desk.session() as session:
        key = keys.find(session, domain, selector)
        replaced = keys.activate(session, key)
        audit.record(session, audit.COMMAND_LINE, "DKIM key activated", f"{key.domain} {key.selector}")
    words = f"Mail from {key.domain} is signed with {key.selector}."
    if replaced is not None:
        words += (
            f" Leave the record of {replaced.selector} for a week: mail that it signed is still under way."
        )
    _say(key, words, as_json)


@dkim_command.command("retire")
@click.argument("domain")
@click.argument("selector")
@as_json
@pass_desk
def retire_command(desk: Desk, domain: str, selector: str, as_json: bool) -> None:
    """Sign with this key no more. It is kept and can be activated again."""
    with desk.session() as session:
        key = keys.find(session, domain, selector)
        keys.retire(session, key)
        audit.record(session, audit.COMMAND_LINE, "DKIM key retired", f"{key.domain} {key.selector}")
        left = [one.selector for one in keys.every(session, key.domain) if one.state == keys.KeyState.ACTIVE]
    signing = f"is signed with {', '.join(left)}" if left else "is no longer signed"
    _say(key, f"{key.selector} is retired; mail from {key.domain} {signing}.", as_json)


def described(key: DkimKey) -> dict[str, Any]:
    """A key as `--json` prints it: everything but the private key."""
    record = keys.record_of(key)
    return {
        "domain": key.domain,
        "selector": key.selector,
        "type": key.algorithm,
        "state": key.state,
        "created_at": key.created_at.isoformat(),
        "changed_at": key.changed_at.isoformat(),
        "record": {"name": record.name, "value": record.value, "strings": list(record.strings)},
    }


def _say_made(made: list[DkimKey], as_json: bool) -> None:
    if as_json:
        print_json([described(key) for key in made])
        return
    for key in made:
        click.echo(
            f"Made {key.selector} ({key.algorithm}) for {key.domain}. It signs nothing yet. Publish this record:"
        )
        _print_record(key)
        click.echo(f"Then: offerpost dkim activate {key.domain} {key.selector}\n")


def _print_record(key: DkimKey) -> None:
    record = keys.record_of(key)
    click.echo(f"  Type:   TXT\n  Name:   {record.name}\n  Value:  {record.value}")
    click.echo(f"  Or as a line of a zone file, split as DNS wants it:\n  {record.zone_line}")


def _say(key: DkimKey, words: str, as_json: bool) -> None:
    if as_json:
        print_json(described(key))
    else:
        click.echo(words)
