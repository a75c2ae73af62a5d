"""`offerpost test-mail` and `offerpost transports`."""

import time
from typing import Any

import click

from transports.fields import Choice, Field
from webapp.accounts.audit import COMMAND_LINE
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail.models import OutboxMail
from webapp.mail.states import FINAL, State
from webapp.settings import checks, servers, trial

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("test-mail")
@click.argument("address")
@click.option(
    "--server", "server_name", default=None, help="Name of a saved server; the default one if left out."
)
@click.option(
    "--wait", is_flag=True, help="Wait for the outcome; exit status 1 unless the next server takes it."
)
@click.option(
    "--timeout", default=120, show_default=True, type=click.IntRange(1, 3600), help="Seconds to wait."
)
@as_json
@pass_desk
def test_mail_command(
    desk: Desk, address: str, server_name: str | None, wait: bool, timeout: int, as_json: bool
) -> None:
    """Send a test mail the same way as every other mail: through the outbox and the sender."""
    try:
        address = checks.address(address)
    except checks.Wrong as wrong:
        raise Invalid({"address": str(wrong)}) from None
    with desk.session() as session:
        server = servers.named(session, server_name) if server_name else None
        mail = trial.send(desk, session, COMMAND_LINE, address, server)
    if wait:
        mail = _outcome(desk, mail, timeout)
    _print(desk, mail, as_json)
    if wait and mail.state != State.SENT:
        raise SystemExit(1)


@click.command("transports")
@as_json
@pass_desk
def transports_command(desk: Desk, as_json: bool) -> None:
    """Print every way of sending with its fields, and the plugins that were refused, with the reason."""
    found = {
        "transports": [_described(desk, kind) for kind in desk.registry.kinds()],
        "refused": [
            {"source": one.source, "reason": one.reason, "remedy": one.remedy}
            for one in desk.registry.refused
        ],
    }
    if as_json:
        print_json(found)
        return
    for one in found["transports"]:
        click.echo(f"{one['kind']}  {one['label']} ({one['source']})")
        click.echo(f"    {one['summary']}")
        if one["unavailable"]:
            click.echo(f"    Can't be used yet: {one['unavailable']}")
        for field in one["fields"]:
            click.echo(f"    {field['name']}: {field['label']}{_remarks(field)}")
    for one in found["refused"]:
        click.echo(f"Refused: {one['source']}: {one['reason']} {one['remedy']}")


def _outcome(desk: Desk, mail: OutboxMail, timeout: int) -> OutboxMail:
    ends, told = time.monotonic() + timeout, False
    while mail.state not in FINAL and time.monotonic() < ends:
        time.sleep(0.25)
        with desk.reading() as session:
            mail = trial.find(session, mail.id) or mail
            remark = trial.words(session, mail).remark
        if remark and not told:
            told = True
            click.echo(remark, err=True)
    return mail


def _print(desk: Desk, mail: OutboxMail, as_json: bool) -> None:
    with desk.reading() as session:
        words = trial.words(session, mail)
    if as_json:
        print_json(
            {
                "id": mail.id,
                "state": mail.state,
                "address": mail.address,
                "server": words.through,
                "code": mail.code,
                "detail": mail.detail,
                "remark": words.remark,
            }
        )
    else:
        click.echo(f"{mail.state}: {mail.address} through {words.through}. {words.said}".rstrip())


def _described(desk: Desk, kind: Any) -> dict[str, Any]:
    return {
        "kind": kind.kind,
        "label": kind.label,
        "summary": kind.summary,
        "source": desk.registry.source(kind.kind),
        "unavailable": desk.registry.unavailable(kind.kind) or "",
        "fields": [_field(field) for field in kind.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": type(field).__name__.lower(),
        "help": field.help,
        "required": field.required,
        "default": field.default,
        "options": [value for value, _ in field.options] if isinstance(field, Choice) else [],
        "destination": field.destination,
        "when": field.when,
    }


def _remarks(field: dict[str, Any]) -> str:
    remarks = [field["type"]] if field["type"] in ("secret", "toggle") else []
    remarks += ["required"] if field["required"] else []
    remarks += ["|".join(field["options"])] if field["options"] else []
    remarks += [f"default {field['default']}"] if field["default"] not in (None, "") else []
    return f" ({', '.join(remarks)})" if remarks else ""
