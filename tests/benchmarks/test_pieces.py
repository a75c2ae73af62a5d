"""That the benchmarks can run at all; what they find is no matter for a test."""

import smtplib
from pathlib import Path

from benchmarks import message
from benchmarks.contestants import Run
from benchmarks.contestants.returned.offerpost import understand
from benchmarks.instance import Instance
from benchmarks.measures.bounces import Score
from benchmarks.rounds import middle
from benchmarks.sink import light_sink
from benchmarks.table import Table, as_markdown, as_text, at_least, at_most


def test_the_light_sink_takes_a_mail_and_notes_for_whom(tmp_path: Path) -> None:
    record = tmp_path / "received.txt"
    with light_sink(str(record)) as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail(message.SENDER, [message.address(3)], message.ready())
        client.sendmail(message.SENDER, [message.address(4)], b"Subject: dots\r\n\r\n.\r\n..\r\n")
    assert record.read_text().split() == [message.address(3), message.address(4)]


def test_the_message_has_ten_kilobytes_ten_tokens_and_twelve_links() -> None:
    page = message.compiled().preview(message.person(1)).html
    assert 9_500 < len(message.ready()) < 10_500
    assert len(set(message.compiled().tokens) - {"Unsubscribe.Link"}) >= 10
    assert page.count("<a ") == 12


def test_what_peers_send_holds_the_values_of_their_recipient() -> None:
    subject, text, html = message.Simple().parts(message.person(2))
    assert subject.startswith("Li, ")
    assert "100002" in text
    assert "100002" in html
    assert "[=" not in subject + text + html


def test_an_instance_sends_a_mailing_through_its_own_worker() -> None:
    with light_sink() as sink:
        instance = Instance("test", sink.port)
        try:
            with instance.sending():
                mailing = instance.wait(instance.mail(20))
        finally:
            instance.close()
    assert (mailing.sent, mailing.total) == (20, 20)


def test_a_table_says_which_goals_are_missed() -> None:
    table = Table("Speed", ["who", "mails/s"])
    table.add("we", 5)
    table.goals += [at_least("≥ 10 a second", 5, 10), at_most("≤ 3 MB", 2, 3, " MB")]
    assert "MISSED: ≥ 10 a second; measured 5" in as_text(table)
    assert "| we | 5 |" in as_markdown(table)
    assert "reached: ≤ 3 MB; measured 2 MB" in as_markdown(table)


def test_medians_count_in_a_contest() -> None:
    runs = [Run(10, seconds, cpu=1.0, rss_mb=seconds) for seconds in (1.0, 2.0, 10.0)]
    assert middle(runs).rate == 5


def test_a_reader_of_returned_mails_is_scored_by_whom_it_finds_and_by_whom_it_would_bar() -> None:
    label = {"kind": "bounce", "recipients": {"Dana@a.example.com": "soft", "eve@a.example.com": "hard"}}
    score = Score()
    score.count(label, {"kind": "bounce", "recipients": {"dana@a.example.com": "hard"}, "seconds": 0.001})
    assert (score.found, score.wanted, score.right, score.judged, score.barred) == (1, 2, 0, 1, 1)


def test_our_own_reader_answers_as_the_score_expects() -> None:
    raw = (
        b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<dana@a.example.com>:\n550 no such user\n"
    )
    assert understand(raw) == ("bounce", {"dana@a.example.com": "hard"})
