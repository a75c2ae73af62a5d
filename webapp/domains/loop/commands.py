"""`offerpost loop-test`."""

import time
from pathlib import Path
from typing import Any

import click

from webapp.accounts.audit import COMMAND_LINE
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.domains.loop import looking, sending, store
from webapp.domains.models import LoopTest
from webapp.errors import Conflict
from webapp.mail.states import Kind
from webapp.settings import servers


@click.command("loop-test")
@click.argument("address", required=False)
@click.option("--server", "server_name", help="Name of a saved server; else as the routes say.")
@click.option(
    "--from", "sender", default="", help="One of your own addresses; else the network's from address."
)
@click.option("--announcement", is_flag=True, help="With the headers for leaving; else as account mail.")
@click.option(
    "--receiver",
    default="",
    help="The host whose findings are believed; else the one that took the mail last.",
)
@click.option(
    "--timeout", default=300, show_default=True, type=click.IntRange(1, 900), help="Seconds to wait."
)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send nothing: judge this mail, as it arrived.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
@pass_desk
def loop_test_command(
    desk: Desk,
    here: click.Context,
    /,
    address: str | None,
    server_name: str | None,
    sender: str,
    announcement: bool,
    receiver: str,
    timeout: int,
    file: Path | None,
    as_json: bool,
) -> None:
    """Send a real mail and judge what arrives: SPF, DKIM, DMARC, encryption, one click, changed text, delay.

    Without ADDRESS it goes to the app's own mailbox and is waited for; a sender must run. To an ADDRESS it is only sent: save
    what arrives there and give it with --file, or paste it under Domain check, Live test. Exit status 1 if something fails
    or nothing arrives.
    """
    if file is not None:
        judged = looking.judgement(desk, file.read_bytes(), sent=None, receiver=receiver, exact=True)
        _end(here, {"state": store.JUDGED, "domain": judged.domain, "results": judged.results}, as_json)
    with desk.session() as session:
        server = servers.named(session, server_name) if server_name else None
        kind = Kind.ANNOUNCEMENT if announcement else Kind.OPERATIONAL
        wish = sending.Wish(sender, address or "", server.id if server else None, kind, receiver)
        test = sending.start(desk, session, COMMAND_LINE, wish)
    if address is None:
        test = _waited_for(desk, test.id, timeout)
    _end(here, _described(test), as_json)


def _waited_for(desk: Desk, number: int, timeout: int) -> LoopTest:
    ends = time.monotonic() + timeout
    while not looking.look(desk, number):
        if time.monotonic() > ends:
            raise Conflict(
                f"It did not arrive within {timeout} seconds. The test goes on: see Domain check, Live test."
            )
        time.sleep(1.0)
    with desk.reading() as session:
        return store.find(session, number)


def _described(test: LoopTest) -> dict[str, Any]:
    names = ("id", "state", "domain", "address", "token", "trouble", "results")
    return {name: getattr(test, name) for name in names}


def _end(here: click.Context, told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        _print(told)
    failed = any(one["verdict"] == "fail" for one in told["results"])
    here.exit(1 if failed or told["state"] == store.MISSING else 0)


def _print(told: dict[str, Any]) -> None:
    if told["state"] == store.WAITING:
        click.echo(
            f"Sent to {told['address']}; its subject is “Loop test {told['token']}”. Give what arrives with --file."
        )
    if told.get("trouble"):
        click.echo(told["trouble"])
    for one in told["results"]:
        click.echo(f"{one['verdict']:<8} {one['title']}: {one['words']}")
        if one["verdict"] in ("warn", "fail", "unknown"):
            for line in filter(None, (one["remedy"], *one["evidence"])):
                click.echo(f"         {line}")
