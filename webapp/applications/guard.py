"""Keeps machines away from the public form without asking a third party: a field that people don't see, a signed clock, and
limits by network and by address. What a machine did is answered like what a person did, so that it learns nothing."""

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from webapp.accounts import throttle
from webapp.errors import Invalid
from webapp.vault import Vault

PURPOSE = "application form"
SOONEST, LATEST = 3, 24 * 3600
TOO_FAST = "That was quicker than anybody types. Look at the form once more, then press again."
TOO_OLD = "This page was open for more than a day. Press once more."


def clock(vault: Vault, now: Callable[[], float] = time.time) -> str:
    """The moment in which the form was drawn, signed."""
    moment = str(int(now()))
    return f"{moment}.{vault.sign(PURPOSE, moment)}"


def check_clock(vault: Vault, typed: str, now: Callable[[], float] = time.time) -> None:
    """`Invalid` for a form that came back too soon, too late, or with a clock that is not ours."""
    moment, _, signature = typed.partition(".")
    if not vault.verify(PURPOSE, moment, signature):
        raise Invalid({"": TOO_OLD})
    age = now() - int(moment)
    if age < SOONEST:
        raise Invalid({"": TOO_FAST})
    if age > LATEST:
        raise Invalid({"": TOO_OLD})


def check_network(session: Session, remote: str) -> None:
    """`Invalid` when very many forms came from there lately; the wait grows."""
    if wait := throttle.take(session, throttle.address(remote, "apply-network")):
        raise Invalid({"": throttle.sentence(wait)})


def too_many_mails(session: Session, address: str) -> bool:
    """Whether this address was written to often enough for now: a form must not fill somebody's mailbox."""
    return throttle.take(session, throttle.account(address, "apply-account")) is not None
