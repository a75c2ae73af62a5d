"""An affiliate who was mailed, and what he writes back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.browser import Person
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.feedback.intake import take_in
from webapp.mail import verp
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.identity import message_id
from webapp.replies.models import Reply

Write = Callable[..., Reply | None]


@pytest.fixture
def manager(person: MakePerson, network: Desk) -> Person:
    rights = ("view_affiliate_details", "edit_assigned", "import_and_export")
    return person(*rights, email="ann@desk.example.com", first_name="Ann")


@pytest.fixture
def dana(affiliate: MakeAffiliate, manager: Person) -> Affiliate:
    assert manager.user is not None
    return affiliate("Brightpath", email="dana@brightpath.example.com", manager_id=manager.user.id)


@pytest.fixture
def mail(network: Desk, dana: Affiliate) -> OutboxMail:
    with network.session() as session:
        content = {"subject": "News of November"}
        return enqueue_one(
            session, network.vault, key="m:1", content=content, address=dana.address, recipient_id=dana.id
        )


@pytest.fixture
def write(network: Desk) -> Write:
    """Somebody writes: `write("Yes", sender=…, to=…, about=mail, signed=True)`. The reply that it became, if any."""

    def send(
        words: str,
        *,
        sender: str = "dana@brightpath.example.com",
        about: OutboxMail | None = None,
        signed: bool = False,
        headers: str = "",
        subject: str = "Re: News",
    ) -> Reply | None:
        to = "bounces@desk.example.com"
        if about is not None and signed:
            to = verp.envelope_sender(network.vault, about.id, "desk.example.com")
        if about is not None:
            headers += (
                f"In-Reply-To: {message_id(about.id, about.key, about.created_at, 'desk.example.com')}\n"
            )
        raw = f"From: {sender}\nTo: {to}\nSubject: {subject}\n{headers}\n{words}\n".encode()
        take_in(network, raw, "pipe")
        with network.reading() as session:
            return session.scalar(select(Reply).order_by(Reply.id.desc()).limit(1))

    return send
