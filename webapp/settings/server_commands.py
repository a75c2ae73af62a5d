"""`offerpost server`: the mail servers without the pages."""

from collections.abc import Iterator
from shlex import quote
from typing import Any

import click
from sqlalchemy.orm import Session

from transports.checks import Check
from webapp.accounts.audit import COMMAND_LINE
from webapp.command import pass_desk, print_json
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.settings import arguments, bounce_sender, budgets, limits, probe, routing, servers, store
from webapp.settings.models import MailServer
from webapp.settings.opening import transport_class
from webapp.settings.settle import Typed, settle

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
field_values = click.argument("values", metavar="FIELD=VALUE...", nargs=-1)


@click.group("server")
def server_command() -> None:
    """Mail servers: list, add, set, probe, choose the default, pause, delete.

    `offerpost transports` prints the fields of each kind. A secret is given as FIELD=@FILE or FIELD=env:NAME; FIELD=-
    asks for it, and an empty FIELD= removes it.
    """


@server_command.command("list")
@as_json
@pass_desk
def list_command(desk: Desk, as_json: bool) -> None:
    """List the saved servers, the default first. Secrets are never printed."""
    with desk.reading() as session:
        now = utcnow()
        found = [
            described(server)
            | routed(session, server)
            | budgets.as_dict(budgets.standing(session, server, now), now)
            for server in servers.saved(session)
        ]
    if as_json:
        print_json(found)
        return
    for each in found:
        marks = [word for word, on in (("default", each["default"]), ("paused", each["paused"])) if on]
        values = " ".join(
            f"{name}={value}" for name, value in each["values"].items() if value not in ("", None)
        )
        click.echo(f"{each['name']}  {each['kind']}  {', '.join(marks) or 'kept'}  {values}".rstrip())
        for line in _standing_lines(each):
            click.echo(f"    {line}")


@server_command.command("add")
@click.argument("kind")
@click.argument("name")
@field_values
@as_json
@pass_desk
def add_command(desk: Desk, kind: str, name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Save a new server. It is used once it is made the default, or chosen for a message."""
    typed = _typed(desk, kind, values, partial=False)
    with desk.session() as session:
        server = servers.add(desk, session, COMMAND_LINE, name, typed)
        found = described(server)
    _say(
        found,
        f"Added {server.name}. Make it the default with: offerpost server default {quote(server.name)}",
        as_json,
    )


@server_command.command("set")
@click.argument("name")
@field_values
@click.option("--name", "new_name", default=None, help="Give it another name.")
@as_json
@pass_desk
def set_command(desk: Desk, name: str, values: tuple[str, ...], new_name: str | None, as_json: bool) -> None:
    """Change some fields. A saved secret must be given again when host, port, encryption or user name changes."""
    with desk.reading() as session:
        kind = servers.named(session, name).kind
    typed = _typed(desk, kind, values, partial=True)
    with desk.session() as session:
        server = servers.named(session, name)
        server = servers.change(desk, session, COMMAND_LINE, server.id, typed, name=new_name)
        found = described(server)
    _say(found, f"Saved {server.name}.", as_json)


@server_command.command("probe")
@click.argument("name")
@as_json
@pass_desk
def probe_command(desk: Desk, name: str, as_json: bool) -> None:
    """Test the connection step by step; sends nothing. Exit status 1 if a step fails."""
    with desk.session() as session:
        server = servers.named(session, name)
        plain = store.identity(session).from_address or "postmaster@localhost"
        sender = bounce_sender.to_test_with(desk, session, server.kind, plain)
        settled = settle(desk, server, Typed(server.kind, {}, operator=True, partial=True))
        settings = probe.prepared(desk, session, COMMAND_LINE, server, settled)
    checks = probe.probe(desk, server.kind, settings, sender)
    if as_json:
        print_json([_as_dict(check) for check in checks])
    for check in [] if as_json else checks:
        click.echo(f"{check.verdict:4}  {check.step:8}  {' '.join(filter(None, (check.words, check.said)))}")
        for remedy in check.remedies:
            click.echo(f"      → {remedy}")
    if not probe.passed(checks):
        raise SystemExit(1)
    with desk.session() as session:
        bounce_sender.has_worked(servers.named(session, name), sender)


@server_command.command("route")
@click.argument("name")
@click.option(
    "--for",
    "sends_for",
    help="Classes of mail and sender domains: operational,news.example.com. Empty: no rule.",
)
@click.option(
    "--fallback", help="The server that goes on for this one when it rests or is paused. Empty: none."
)
@click.option(
    "--fallback-for",
    type=click.Choice(sorted(routing.FALLBACK_FOR)),
    help="Which mail may take the fallback.",
)
@as_json
@pass_desk
def route_command(
    desk: Desk,
    name: str,
    sends_for: str | None,
    fallback: str | None,
    fallback_for: str | None,
    as_json: bool,
) -> None:
    """Choose which mail that names no server leaves through this one, and what goes on for it.

    A rule with a sender domain is closer than one with a class only; what fits no rule leaves through the default. A mail
    takes the fallback only before it is handed over.
    """
    with desk.session() as session:
        server = servers.named(session, name)
        typed = routing.Change(sends_for, fallback, fallback_for)
        server = routing.change(session, COMMAND_LINE, server.id, typed)
        found = {"name": server.name} | routed(session, server)
    other = (
        f"; {found['fallback']} for {found['fallback_for']} mail when it can't" if found["fallback"] else ""
    )
    _say(found, f"{server.name}: {routing.words_of(server.sends_for)}{other}.", as_json)


@server_command.command("wake")
@click.argument("name")
@click.option("--domain", help="Only this recipient domain.")
@pass_desk
def wake_command(desk: Desk, name: str, domain: str | None) -> None:
    """Don't wait until a server, or a domain at it, has rested: use it again with all connections."""
    with desk.session() as session:
        server = servers.wake(session, COMMAND_LINE, servers.named(session, name).id, domain)
    click.echo(f"{server.name} is used again.")


@server_command.command("default")
@click.argument("name")
@pass_desk
def default_command(desk: Desk, name: str) -> None:
    """Let mail that names no server leave through this one."""
    with desk.session() as session:
        server = servers.make_default(session, COMMAND_LINE, servers.named(session, name).id)
    click.echo(f"{server.name} is the default.")


@server_command.command("pause")
@click.argument("name")
@pass_desk
def pause_command(desk: Desk, name: str) -> None:
    """Stop using a server; its mails wait."""
    with desk.session() as session:
        server = servers.pause(session, COMMAND_LINE, servers.named(session, name).id)
    click.echo(f"{server.name} is paused. Its mails wait.")


@server_command.command("resume")
@click.argument("name")
@pass_desk
def resume_command(desk: Desk, name: str) -> None:
    """Use a paused server again."""
    with desk.session() as session:
        server = servers.resume(session, COMMAND_LINE, servers.named(session, name).id)
    click.echo(f"{server.name} goes on.")


@server_command.command("delete")
@click.argument("name")
@pass_desk
def delete_command(desk: Desk, name: str) -> None:
    """Delete a server that is not the default, and its secrets."""
    with desk.session() as session:
        server = servers.named(session, name)
        servers.delete(session, COMMAND_LINE, server.id)
    click.echo(f"{server.name} is deleted.")


def described(server: MailServer) -> dict[str, Any]:
    """A server as the command line prints it: of a secret only when it was set, and by whom."""
    return {
        "name": server.name,
        "kind": server.kind,
        "default": server.is_default,
        "paused": server.paused_at is not None,
        "paused_reason": server.paused_reason,
        "values": dict(server.values),
        "secrets": {
            one.field: {"set_at": one.set_at.isoformat(), "set_by": one.set_by} for one in server.secrets
        },
        **{name: getattr(server, name) for name in limits.NAMES},
    }


def routed(session: Session, server: MailServer) -> dict[str, Any]:
    """Which mail leaves through it by rule, and what goes on for it."""
    fallback = session.get(MailServer, server.fallback_id) if server.fallback_id is not None else None
    return {
        "for": server.sends_for.split(),
        "fallback": fallback.name if fallback is not None else None,
        "fallback_for": (server.fallback_for or "operational") if fallback is not None else None,
    }


def _standing_lines(found: dict[str, Any]) -> Iterator[str]:
    for one in found["budgets"]:
        yield f"{one['used']} of {one['limit']} this {one['span']}" + (
            f" to {one['domain']}" if "domain" in one else ""
        )
    for rest in found["rests"]:
        what = rest["domain"] or "the server"
        state = f"rests until {rest['until']}" if rest["resting"] else f"recovers with {rest['connections']}"
        yield f"{what} {state}: {rest['reason']}"


def _typed(desk: Desk, kind: str, given: tuple[str, ...], *, partial: bool) -> Typed:
    raw, removed = arguments.values(transport_class(desk, kind).fields, arguments.pairs(given))
    return Typed(kind, raw, remove=removed, operator=True, partial=partial)


def _say(found: dict[str, Any], words: str, as_json: bool) -> None:
    print_json(found) if as_json else click.echo(words)


def _as_dict(check: Check) -> dict[str, Any]:
    return {
        "step": check.step,
        "verdict": check.verdict,
        "words": check.words,
        "said": check.said,
        "remedies": list(check.remedies),
        "took_ms": check.took_ms,
    }
