"""The address for services, and what a person sees of it."""

from datetime import timedelta

from sqlalchemy import update

from tests.browser import Person
from tests.notices.conftest import HOOK, Tell, notices
from tests.personas import MakePerson
from tests.transports.ses.topic import ARN, FakeSns, event, request
from transports.testing.servers import WebAnswer
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.notices.routes import LONGEST
from webapp.settings.models import MailServer

SERVER = "/account/email-settings/servers/2"


def test_a_forged_notice_is_answered_400_and_leaves_no_trace(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    for forged in (
        sns.notification(event("Complaint"), signer="forger"),
        sns.notification(event("Complaint"), TopicArn=ARN + "x"),
        request(b"{"),
    ):
        assert tell(forged).status_code == 400
    assert notices(desk) == []


def test_a_notice_that_cannot_be_checked_now_is_asked_for_again(desk: Desk, sns: FakeSns, tell: Tell) -> None:
    told = sns.subscription()
    sns.next = [WebAnswer(200, sns.files[next(iter(sns.files))]), WebAnswer(500)]
    assert tell(told).status_code == 503
    assert notices(desk) == []
    assert tell(told).status_code == 200
    assert sns.confirmed[-1:] == [ARN]


def test_what_is_too_long_is_refused_unread(sns: FakeSns, tell: Tell) -> None:
    assert tell(request(b"x" * (LONGEST + 1))).status_code == 413


def test_only_a_saved_server_whose_service_tells_has_an_address(
    desk: Desk, sns: FakeSns, tell: Tell, stranger: Person
) -> None:
    assert stranger.client.post("/hooks/another").status_code == 404
    assert stranger.client.get(HOOK).status_code == 405
    with desk.session() as session:
        session.execute(update(MailServer).values(draft_until=utcnow() + timedelta(minutes=5)))
    assert tell(sns.notification(event("Bounce"))).status_code == 404
    with desk.session() as session:
        session.execute(update(MailServer).values(draft_until=None, kind="folder"))
    assert tell(sns.notification(event("Bounce"))).status_code == 404


def test_the_page_of_the_server_shows_the_address_and_that_the_topic_was_confirmed(
    desk: Desk, sns: FakeSns, tell: Tell, owner: Person
) -> None:
    before = owner.client.get(SERVER).text
    assert HOOK in before
    assert "Nothing has come yet." in before
    tell(sns.subscription())
    after = owner.client.get(SERVER).text
    assert "Confirmed today" in after
    assert ARN in after
    tell(sns.subscription("UnsubscribeConfirmation"))
    assert "ended the subscription" in owner.client.get(SERVER).text


def test_the_list_tells_what_each_notice_led_to(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell, person: MakePerson
) -> None:
    reader = person("view_delivery_log")
    assert "Nothing came yet" in reader.client.get("/delivery/notices").text
    tell(sns.notification(event("Complaint")))
    tell(sns.notification(event("Bounce", "zoe@x.example", provider_id="0107-5")))
    whole = reader.client.get("/delivery/notices").text
    assert "The recipient complained." in whole
    assert whole.index("zoe@x.example") < whole.index("dana@brightpath.example.com")
    assert "zoe@" not in reader.client.get("/delivery/notices?kind=complained").text
    assert "zoe@" in reader.client.get("/delivery/notices?q=ZOE&sort=oldest").text
    assert "Nothing matches" in reader.client.get("/delivery/notices?q=nobody").text
