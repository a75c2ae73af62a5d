"""What must be true after every fault: the record of the next hop against the database."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from tests.chaos.harness import CANARY, Trial
from webapp.mail.models import MailContent, Mailing, OutboxMail, Suppression
from webapp.mail.outbox.counters import UNFINISHED, audit_counters
from webapp.mail.outbox.identity import domain_of, message_id
from webapp.mail.states import Kind, State

HASTE = timedelta(seconds=0.5)  # a body that began so shortly after a suppression may have begun before it


def assert_invariants(trial: Trial, *, unknown: int | None = None, drained: bool = True) -> dict[str, int]:
    """I1 to I6. `unknown` is how many may be unknown at most, `drained` whether the queue must be empty. Returns the counts."""
    with trial.desk.reading() as session:
        rows = list(session.scalars(select(OutboxMail)))
        domains = {one.id: domain_of(one.draft) for one in session.scalars(select(MailContent))}
        mailings = list(session.scalars(select(Mailing)))
        barred = list(session.scalars(select(Suppression)))
        wrong_counters = {one.id: audit_counters(session, one.id) for one in mailings}
    taken = trial.taken()
    copies = Counter(one.message_id for one in taken)
    ids = {message_id(row.id, row.key, row.created_at, domains[row.content_id]): row for row in rows}
    lost = [row.address for mid, row in ids.items() if row.state == State.SENT and not copies[mid]]
    doubled = [
        ids[mid].address
        for mid, n in copies.items()
        if mid in ids and n > 1 and ids[mid].address not in trial.resent
    ]
    states = Counter(row.state for row in rows)
    trial.tally = {
        **{state.value: states[state] for state in State},
        "delivered": len(taken),
        "doubled": len(doubled),
        "lost": len(lost) + len(trial.expected) - len(rows),
    }
    assert Counter(row.address for row in rows) == Counter(trial.expected), "I1: one row for each recipient"
    assert [one for one in taken if one.message_id not in ids] == [], "a mail that no row knows"
    strangers = [one for one in taken if one.recipient.lower() != ids[one.message_id].address.lower()]
    assert strangers == [], "somebody else's mail"
    assert lost == [], "I1: sent, but the next hop has never got it"
    assert doubled == [], "I2: more than one copy"
    hidden = [ids[mid].address for mid in copies if ids[mid].state not in _MAY_HAVE_LEFT]
    assert [one for one in hidden if one not in trial.resent] == [], "it left, but its row does not say so"
    assert _mailed_although_barred(trial, rows, barred) == [], "I3: suppressed before it was mailed"
    assert {one: wrong for one, wrong in wrong_counters.items() if wrong} == {}, (
        "I4: counters are not the rows"
    )
    early = [one.id for one in mailings if one.finished_at and any(getattr(one, s) for s in UNFINISHED)]
    assert early == [], "finished is said while a row is not final"
    assert CANARY not in trial.said(), "I5: a secret in the log"
    if drained:
        assert states[State.QUEUED] + states[State.SENDING] + states[State.DEFERRED] == 0, "I6: not drained"
    if unknown is not None:
        assert states[State.UNKNOWN] <= unknown, (
            f"{states[State.UNKNOWN]} unknown, at most {unknown} were in flight"
        )
    return trial.tally


_MAY_HAVE_LEFT = (State.SENT, State.UNKNOWN)


def _mailed_although_barred(trial: Trial, rows: list[OutboxMail], barred: list[Suppression]) -> list[str]:
    kinds = {row.address.lower(): row.kind for row in rows}
    since = {
        one.address: one.created_at
        for one in barred
        if one.reason != "bounced" and (one.scope == "all" or kinds.get(one.address) == Kind.ANNOUNCEMENT)
    }
    began = [(address.lower(), at) for address, at in trial.witness.began]
    return [address for address, at in began if address in since and at > since[address] + HASTE]
