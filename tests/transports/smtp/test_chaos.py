"""Many mails over a few connections to a server that breaks, refuses and babbles by chance: the promises hold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.mails import mails
from tests.transports.smtp.server import CHUNKING, EHLO, GOOD, LOCKSTEP, Peer, SmtpServer
from transports.contract import Delivery, Status
from transports.errors import TemporaryError

MISHAPS: tuple[str | bytes | Callable[[Peer], None], ...] = (
    Peer.drop,
    Peer.reset,
    "421 4.3.2 Going down",
    "451 4.3.0 Not now",
    "550 5.1.1 No such user",
    b"hello\r\n",
    b"25",
    b"250-a\r\n354 b\r\n",
    "250 Ok\n250 Ok",
)

POLITE = MISHAPS[:5]  # after anything else a pool gives up CHUNKING


def by_chance(event: str, dice: random.Random, mishaps=MISHAPS) -> Callable[[Peer], str | bytes | None]:
    mishaps = [one for one in mishaps if not (event == "MAIL" and one == "550 5.1.1 No such user")]

    def answer(peer: Peer) -> str | bytes | None:
        if dice.random() > 0.03:
            return GOOD[event]
        mishap = dice.choice(mishaps)
        return mishap(peer) if callable(mishap) else mishap

    return answer


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ehlo", [LOCKSTEP, EHLO, CHUNKING], ids=["lock-step", "pipelining", "chunking"])
def test_nobody_is_lost_nobody_is_doubled_and_no_outcome_lies(
    smtp: MakeTransport, ehlo: str, seed: int
) -> None:
    dice = random.Random(seed)
    batch = mails(150)
    found: list[Delivery] = []
    mishaps = POLITE if ehlo == CHUNKING and seed % 2 else MISHAPS
    events = ("connect", "MAIL", "RCPT", "DATA", "dot", "RSET")
    answers = {event: by_chance(event, dice, mishaps) for event in events}
    with SmtpServer(EHLO=ehlo, **answers) as there:
        transport = smtp(there.port, connections=4, window=4)
        stopped = False
        try:
            found.extend(transport.send(iter(batch)))
        except TemporaryError:
            stopped = True
        transport.close()
        came = Counter(there.recipients)

    outcomes = {f"a{one.key}@example.net": one.status for one in found}
    assert len(outcomes) == len(found), "a mail has two outcomes"
    assert max(came.values(), default=0) <= 1, "a mail came twice"
    for mail in batch:
        status = outcomes.get(mail.recipient)
        assert mail.asked <= 1
        assert status is not None or (stopped and not mail.asked), "a mail that left has no outcome"
        if status is Status.ACCEPTED:
            assert came[mail.recipient] == 1, "accepted, but it never came"
        if status is Status.UNKNOWN:
            assert mail.asked
