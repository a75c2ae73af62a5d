"""From the signed envelope sender of a mail that left by SMTP to the bounce that comes back to it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from tests.feedback.returned import failed, fields, report
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import until_over
from transports.testing.smtp_server import SmtpServer
from webapp.cli import main
from webapp.desk import Desk
from webapp.feedback.intake import take_in
from webapp.mail import suppressions
from webapp.mail.models import MailContent, Mailing
from webapp.settings import store
from webapp.settings.models import MailServer

pytestmark = pytest.mark.timeout(90)


def test_a_mail_leaves_with_a_signed_sender_and_its_bounce_bars_the_address(
    desk: Desk,
    environ: dict[str, str],
    smtp: SmtpServer,
    mailing_to: Callable[..., Mailing],
    worker: StartWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = {"host": "127.0.0.1", "port": smtp.port, "security": "none", "helo_name": "mail.example.com"}
    mailing = mailing_to(2, server={"values": plain})
    with desk.session() as session:
        store.put(session, {"bounce_address": "bounces@back.example.com"})
        name = session.query(MailServer).filter_by(kind="smtp").one().name
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    tested = CliRunner().invoke(main, ["server", "probe", name])
    assert tested.exit_code == 0, tested.output
    worker()
    until_over(desk, mailing)
    senders = {mail.recipients[0]: mail.sender for mail in smtp.inbox}
    assert len(set(senders.values())) == 2
    assert all(one.startswith("b+") and one.endswith("@back.example.com") for one in senders.values())
    with desk.reading() as session:
        assert session.get_one(MailContent, mailing.content_id).signed_with == desk.vault.key_id
    raw = report(fields(failed("p1@x.example", "5.1.1", "550 5.1.1 unknown")), to=senders["p1@x.example"])
    take_in(desk, raw, "pipe")
    with desk.reading() as session:
        barred = [
            suppressions.reason_of(session, one, "operational") for one in ("p0@x.example", "p1@x.example")
        ]
    assert barred == [None, "bounced"]
