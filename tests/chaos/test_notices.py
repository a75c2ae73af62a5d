"""F26: notices of a service that come before our record of the sending, twice, out of order, or for somebody erased."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.chaos.conftest import Begin
from tests.chaos.harness import Trial
from tests.chaos.invariants import assert_invariants
from tests.chaos.witness import Taken, Witness, message_id_of
from tests.transports.ses.service import KEY_ID, REGION, SECRET, FakeSes
from tests.transports.ses.topic import ARN, FakeSns, event, running_sns
from transports.events import WebhookRequest
from transports.testing.servers import WebAnswer, WebRequest
from webapp.app import create_app
from webapp.mail import events, suppressions
from webapp.mail.events import MailEvent
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.erasing import erase_recipient
from webapp.notices import forgetting, jobs
from webapp.notices.models import Notice

pytest.importorskip("botocore")


class Hasty(FakeSes):
    """Tells what became of a mail before it answers that it took it: no sender can have recorded that yet."""

    app: Flask
    sns: FakeSns
    trial: Trial

    def _send(self, request: WebRequest) -> WebAnswer:
        recipient = request.json()["Destination"]["ToAddresses"][0]
        answer = super()._send(request)
        told = [self.notice(kind, recipient, answer.body["MessageId"]) for kind in kinds(recipient)]  # type: ignore[call-overload,index]
        told *= 2
        self.trial.chance.shuffle(told)
        for one in told:
            self.tell(one)
        return answer

    def notice(self, kind: str, recipient: str, provider_id: str) -> WebhookRequest:
        return self.sns.notification(event(kind, recipient, provider_id))

    def tell(self, told: WebhookRequest) -> None:
        answer = self.app.test_client().post("/hooks/ses", data=told.body, headers=dict(told.headers))
        assert answer.status_code == 200, answer.text


def kinds(recipient: str) -> list[str]:
    """p0 bounces after he was said to have got it, p1 complains, the others get it."""
    more = {"p0@x.example": ["Bounce"], "p1@x.example": ["Complaint"]}
    return ["Delivery", *more.get(recipient, [])]


@pytest.fixture
def ses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hasty]:
    with running_sns(tmp_path, monkeypatch) as sns, Hasty() as service:
        service.sns = sns
        yield service


@pytest.fixture
def through_ses(begin: Begin, witness: Witness, ses: Hasty) -> Iterator[Trial]:
    trial = begin(witness, OFFERPOST_ALLOW_HOSTS=f"127.0.0.1:{ses.port}")
    key = {"access_key_id": KEY_ID, "secret": SECRET}
    trial.use("ses", 2, region=REGION, endpoint=ses.url, topic_arn=ARN, **key)
    trial.taken = lambda: [Taken(message_id_of(content), who) for _, who, content in list(ses.inbox)]
    net = ses.sns.net()
    ses.trial, ses.app = trial, create_app(replace(trial.desk, net=net))
    yield trial
    net.close()


def test_f26_early_repeated_and_shuffled_notices_count_once_each(through_ses: Trial, ses: Hasty) -> None:
    """Each notice comes twice, shuffled, before the service has answered; later once more, also for an erased person."""
    trial = through_ses
    trial.mail(8)
    trial.work()
    trial.settle()
    jobs.sweep(trial.desk)
    assert assert_invariants(trial, unknown=0)["sent"] == 8
    assert kept(trial) == {"delivered": 8, "bounced": 1, "complained": 1}
    assert barred(trial) == {"p0@x.example": "bounced", "p1@x.example": "complained"}
    erased = erase(trial, "p2@x.example")
    for recipient, provider_id in [("p1@x.example", "0107-9999"), erased]:
        ses.tell(ses.notice("Complaint", recipient, provider_id))
    jobs.sweep(trial.desk)
    assert kept(trial) == {"delivered": 8, "bounced": 1, "complained": 1}
    assert barred(trial) == {"p0@x.example": "bounced", "p1@x.example": "complained"}
    assert standing(trial) == Counter(delivered=6, bounced=1, complained=1)
    with trial.desk.reading() as session:
        waiting = session.scalars(select(Notice.recipient).where(Notice.state == "waiting")).all()
    assert sorted(waiting) == ["p1@x.example", "p2@x.example"], "unmatched ones are stored"


def kept(trial: Trial) -> dict[str, int]:
    with trial.desk.reading() as session:
        return dict(Counter(session.scalars(select(MailEvent.kind))))


def standing(trial: Trial) -> Counter[str]:
    with trial.desk.reading() as session:
        ids = session.scalars(select(OutboxMail.id)).all()
        return Counter(one.kind for one in events.standing(session, ids).values())


def barred(trial: Trial) -> dict[str, str]:
    with trial.desk.reading() as session:
        return {one.address: one.reason for one in suppressions.find(session)}


def erase(trial: Trial, address: str) -> tuple[str, str]:
    """Erase him; his address and the service's id of his mail, which a late notice still names."""
    with trial.desk.session() as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.address == address)).one()
        named, person = (address, mail.provider_id), mail.recipient_id
        assert person is not None
        forgetting.forget_recipient(session, person)
        erase_recipient(session, person)
    trial.expected[trial.expected.index(address)] = "erased"
    return named
