"""What the tests of events look at: the mails of an event, and the values that lie sealed in them."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.offers.conftest import market  # noqa: F401 - a fixture
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import values_row

Mails = Callable[..., list[OutboxMail]]


def values_of(desk: Desk, mail: OutboxMail) -> dict[str, str]:
    """What the event itself says in this mail."""
    return json.loads(desk.vault.decrypt(mail.values or "", row=values_row(mail.key))) if mail.values else {}


@pytest.fixture
def mails(network: Desk) -> Mails:
    """The mails of an event in the outbox, the oldest first: `mails("offer_paused")`."""

    def find(event: str, session: Session | None = None) -> list[OutboxMail]:
        query = select(OutboxMail).where(OutboxMail.key.startswith(f"{event}:")).order_by(OutboxMail.id)
        if session is not None:
            return list(session.scalars(query))
        with network.reading() as fresh:
            return list(fresh.scalars(query))

    return find
