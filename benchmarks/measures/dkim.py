"""What signing costs: composing and signing, against the bare signatures alone, which no sender can do without."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks import message
from benchmarks.measures import Occasion
from benchmarks.table import Table, at_least, number
from webapp.mail.dkim.keys import Algorithm, PrivateKey
from webapp.mail.dkim.signer import Signer

DOMAIN = "mail.network.example"
MAILS = 400
GOAL = 0.75
HASHED = b"x" * 1_000  # about what the header of such a mail weighs
Work = Callable[[int], object]


def measure(occasion: Occasion) -> Table:
    """CPU time, so that other programs on the machine matter less."""
    rsa, ed25519 = (PrivateKey.make(algorithm) for algorithm in Algorithm)
    one, two = Signer(DOMAIN, [("op1", rsa)]), Signer(DOMAIN, [("op1", rsa), ("op2", ed25519)])
    ways: dict[str, Work] = {
        "bare RSA-2048 signature": lambda _: rsa.sign(HASHED),
        "compose and sign, RSA-2048": lambda n: _signed(one, n),
        "bare Ed25519 signature": lambda _: ed25519.sign(HASHED),
        "compose and sign, RSA-2048 and Ed25519": lambda n: _signed(two, n),
        "compose, unsigned": _mail,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(max(occasion.rounds, 5)):
        for name, work in ways.items():
            found[name].append(_cost(work))
    bare = found["bare RSA-2048 signature"]
    table = Table("Signing one mail (DKIM)", ["way", "µs a mail", "mails/s on one core", "× bare RSA-2048"])
    for name, costs in found.items():
        ratio = median(first / cost for first, cost in zip(bare, costs, strict=True))
        table.add(name, number(median(costs)), number(1e6 / median(costs)), number(ratio))
        if name == "compose and sign, RSA-2048":
            table.goals.append(
                at_least(f"≥ {GOAL} × the rate of the bare RSA-2048 signatures", ratio, GOAL, " ×")
            )
    return table


def _mail(number: int) -> bytes:
    return message.compiled().fill(message.address(number), message.person(number), **_own(number))


def _signed(signer: Signer, number: int) -> bytes:
    """As a sender process does it."""
    compiled = message.compiled()
    mail, canonical = compiled.fill_to_sign(message.address(number), message.person(number), **_own(number))
    return signer.sign(mail, at=number, canonical=canonical)


def _own(number: int) -> dict[str, Any]:
    return {
        "message_id": f"{number}.ab12cd",
        "unsubscribe_url": message.unsubscribe_url(number),
        "date": datetime(2026, 1, 1, tzinfo=UTC),
    }


def _cost(work: Work) -> float:
    started = time.process_time()
    for number_ in range(MAILS):
        work(number_)
    return (time.process_time() - started) / MAILS * 1e6
