"""Servers that refuse, break and dawdle: what we say became of each mail, and what we never do."""

from __future__ import annotations

import logging
import resource
import select
import socket
import time

import pytest

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.mails import TestMail, mails
from tests.transports.smtp.server import DROP, EHLO, LOCKSTEP, Peer, SmtpServer, drip, flood, on
from transports.contract import Delivery, Stage, Status
from transports.errors import AuthError, PermanentError, RateLimited, TemporaryError
from transports.net import Net
from transports.smtp.transport import SmtpTransport

BOTH = pytest.mark.parametrize("ehlo", [LOCKSTEP, EHLO], ids=["lock-step", "pipelining"])


def by_key(found: list[Delivery]) -> dict[str, Delivery]:
    assert len({one.key for one in found}) == len(found)
    return {one.key: one for one in found}


@BOTH
@pytest.mark.parametrize("how", [DROP, Peer.reset], ids=["closed", "reset"])
def test_f5_a_line_lost_after_the_dot_leaves_that_mail_unknown_and_no_other(
    smtp: MakeTransport, how, ehlo
) -> None:
    with SmtpServer(EHLO=ehlo, dot=on(0, how, "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(3))))
    assert (found["1"].status, found["1"].stage) == (Status.UNKNOWN, Stage.DOT)
    assert [found[key].status for key in "23"] == [Status.ACCEPTED] * 2
    assert there.recipients.count("a1@example.net") == 1


@BOTH
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_line_lost_before_the_body_costs_nothing(smtp: MakeTransport, ehlo, command) -> None:
    good = {"MAIL": "250 Ok", "RCPT": "250 Ok", "DATA": "354 Go"}[command]
    batch = mails(3)
    with SmtpServer(EHLO=ehlo, **{command: on(0, DROP, good)}) as there:
        found = list(smtp(there.port).send(batch))
    assert {one.status for one in found} == {Status.ACCEPTED}
    assert sorted(there.recipients) == [mail.recipient for mail in batch]
    assert [mail.asked for mail in batch] == [1, 1, 1]


def test_a_mail_that_breaks_every_line_is_put_off_and_the_others_go(smtp: MakeTransport) -> None:
    def rcpt(peer: Peer) -> str | None:
        return peer.drop() if peer.recipient.startswith("a1@") else "250 Ok"

    with SmtpServer(RCPT=rcpt) as there:
        found = by_key(list(smtp(there.port).send(mails(3))))
    assert (found["1"].status, found["1"].stage) == (Status.DEFERRED, Stage.RCPT)
    assert [found[key].status for key in "23"] == [Status.ACCEPTED] * 2


def test_a_server_that_breaks_every_line_ends_the_sending(smtp: MakeTransport) -> None:
    with SmtpServer(MAIL=DROP) as there, pytest.raises(TemporaryError) as trouble:
        list(smtp(there.port).send(mails(50)))
    assert "breaks every connection" in trouble.value.reason
    assert len(there.peers) <= 8


@BOTH
@pytest.mark.parametrize(
    "reply",
    [
        b"2",
        b"25",
        b"250-never\r\n250-ended\r\n",
        b"hello\r\n",
        b"999 what\r\n",
        b"250-a\r\n354 b\r\n",
        b"354 more\r\n",
    ],
)
def test_f6_a_broken_reply_after_the_dot_is_unknown(smtp: MakeTransport, ehlo, reply) -> None:
    def dot(peer: Peer) -> None:
        if peer.number:
            return "250 Ok"
        peer.say(reply)
        peer.drop()

    with SmtpServer(EHLO=ehlo, dot=dot) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert found["1"].status is Status.UNKNOWN
    assert found["2"].status is Status.ACCEPTED


@BOTH
@pytest.mark.parametrize(
    "reply", [b"2", b"hello\r\n", b"1000 what\r\n", b"250-a\r\n251 b\r\n", b"\xff\xfe\r\n"]
)
def test_f6_a_broken_reply_before_the_body_costs_nothing(smtp: MakeTransport, ehlo, reply) -> None:
    def rcpt(peer: Peer) -> str | None:
        if peer.number:
            return "250 Ok"
        peer.say(reply)
        return peer.drop()

    batch = mails(2)
    with SmtpServer(EHLO=ehlo, RCPT=rcpt) as there:
        found = list(smtp(there.port).send(batch))
    assert [one.status for one in found] == [Status.ACCEPTED] * 2
    assert len(there.mails) == 2


def test_f7_421_at_the_greeting_puts_the_server_off(smtp: MakeTransport) -> None:
    with SmtpServer(connect="421 4.3.2 Not now") as there, pytest.raises(TemporaryError) as trouble:
        list(smtp(there.port).send(mails(2)))
    assert trouble.value.detail == "421 4.3.2 Not now"
    with SmtpServer(connect="421 4.7.0 Too many connections") as there, pytest.raises(RateLimited):
        list(smtp(there.port).send(mails(2)))


def test_f7_421_at_mail_on_a_fresh_line_defers_that_mail(smtp: MakeTransport) -> None:
    with SmtpServer(MAIL=on(0, "421 4.3.2 Shutting down", "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert (found["1"].status, found["1"].code) == (Status.DEFERRED, "421 4.3.2")
    assert found["2"].status is Status.ACCEPTED


@BOTH
def test_421_after_some_mails_means_a_new_line_and_no_deferral(smtp: MakeTransport, ehlo) -> None:
    def mail(peer: Peer) -> str:
        return "250 Ok" if sum(c.startswith("MAIL") for c in peer.commands) <= 2 else "421 4.7.0 Enough"

    with SmtpServer(EHLO=ehlo, MAIL=mail) as there:
        found = list(smtp(there.port).send(mails(6)))
    assert {one.status for one in found} == {Status.ACCEPTED}
    assert len(found) == len(there.mails) == 6


@BOTH
def test_f7_421_after_the_dot_is_an_answer_not_an_unknown(smtp: MakeTransport, ehlo) -> None:
    with SmtpServer(EHLO=ehlo, dot=on(0, "421 4.3.2 Shutting down", "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert (found["1"].status, found["1"].stage) == (Status.DEFERRED, Stage.DOT)
    assert found["2"].status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        ("450 4.7.1 Greylisted, see http://postgrey.example", 300),
        ("451 4.7.1 Greylisting in action, please try again in 600 seconds", 600),
        ("450 4.2.0 Greylisted, come back in 20 minutes", 1200),
        ("450 4.7.28 rate", 600),
        ("452 4.2.2 Mailbox full", None),
    ],
)
def test_f8_greylisting_is_given_five_minutes(smtp: MakeTransport, reply, wait) -> None:
    with SmtpServer(RCPT=reply) as there:
        [found] = smtp(there.port).send(mails(1))
    assert (found.status, found.stage, found.retry_after) == (Status.DEFERRED, Stage.RCPT, wait)


@BOTH
@pytest.mark.parametrize(
    ("event", "reply", "status", "stage"),
    [
        ("dot", "452 4.3.1 Out of space", Status.DEFERRED, Stage.DOT),
        ("DATA", "451 4.3.0 Not now", Status.DEFERRED, Stage.DATA),
        ("MAIL", "452 4.3.1 Out of space", Status.DEFERRED, Stage.MAIL),
        ("MAIL", "552 5.3.4 Too big for us", Status.REJECTED, Stage.MAIL),
        ("DATA", "554 5.7.1 Never", Status.REJECTED, Stage.DATA),
        ("dot", "554 5.7.1 Spam", Status.REJECTED, Stage.DOT),
        ("RCPT", "550 5.1.8 Sender unknown", Status.REJECTED, Stage.RCPT),
    ],
)
def test_f9_f10_a_refusal_is_told_with_its_stage_and_the_next_mail_goes(
    smtp: MakeTransport, ehlo, event, reply, status, stage
) -> None:
    def first(peer: Peer) -> str:
        peer.commands.append("refused") if not peer.mails else None
        peer.mails.append(b"")
        good = {"dot": "250 Ok", "DATA": "354 Go", "MAIL": "250 Ok", "RCPT": "250 Ok"}[event]
        return reply if len(peer.mails) == 1 else good

    def consistent(peer: Peer) -> str:  # a mail that was refused before DATA gets no 354
        refused_now = peer.commands.count("refused") and len(peer.mails) == 1
        return "503 5.5.1 No recipients" if refused_now and event in ("MAIL", "RCPT") else "354 Go"

    answers = {"DATA": consistent, event: first}
    with SmtpServer(EHLO=ehlo, **answers) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert (found["1"].status, found["1"].stage) == (status, stage)
    assert found["1"].detail == reply
    assert found["2"].status is Status.ACCEPTED
    assert len(there.peers) == 1


@BOTH
def test_f10_a_refused_sender_stops_the_server_and_refuses_nobody(smtp: MakeTransport, ehlo) -> None:
    batch = mails(20)
    with SmtpServer(EHLO=ehlo, MAIL="550 5.1.8 Bad sender", RCPT="503 No", DATA="503 No") as there:
        transport = smtp(there.port, connections=4)
        with pytest.raises(PermanentError) as trouble:
            assert list(transport.send(batch)) == []
    assert trouble.value.detail == "550 5.1.8 Bad sender"
    assert not any(mail.asked for mail in batch)


def test_a_server_that_wants_a_login_at_mail_is_a_login_problem(smtp: MakeTransport) -> None:
    with SmtpServer(MAIL="530 5.7.0 Authentication required") as there, pytest.raises(AuthError):
        list(smtp(there.port).send(mails(2)))


@pytest.mark.parametrize("event", ["connect", "EHLO"])
def test_a_blocked_client_stops_the_server(smtp: MakeTransport, event) -> None:
    with SmtpServer(**{event: "554 5.7.1 Your address is blocked"}) as there:
        with pytest.raises(PermanentError) as trouble:
            list(smtp(there.port).send(mails(3)))
        assert "blocked" in trouble.value.detail


@pytest.mark.parametrize("answer", ["421 4.3.2 No", "500 What", DROP], ids=["421", "500", "drop"])
def test_f11_the_answer_to_quit_changes_nothing(smtp: MakeTransport, answer) -> None:
    with SmtpServer(QUIT=answer) as there:
        transport = smtp(there.port)
        [found] = transport.send(mails(1))
        transport.close()
    assert found.status is Status.ACCEPTED


@pytest.mark.parametrize("event", ["connect", "EHLO"])
def test_f12_a_dripping_server_is_given_up_before_any_mail(smtp: MakeTransport, event) -> None:
    started = time.monotonic()
    slow = drip("220 test.example is a very slow server\r\n", 0.2)
    with SmtpServer(**{event: slow}) as there, pytest.raises(TemporaryError):
        list(smtp(there.port).send(mails(1)))
    assert time.monotonic() - started < 4


@BOTH
def test_f12_a_dripping_answer_to_the_dot_is_unknown(smtp: MakeTransport, ehlo) -> None:
    started = time.monotonic()
    with SmtpServer(EHLO=ehlo, dot=on(0, drip("250 2.0.0 Ok it goes on\r\n", 0.2), "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert found["1"].status is Status.UNKNOWN
    assert found["2"].status is Status.ACCEPTED
    assert time.monotonic() - started < 6


def test_f12_a_server_that_never_reads_the_body_gets_no_dot_and_the_mail_is_put_off(
    smtp: MakeTransport,
) -> None:
    big = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n"
    big += (b"y" * 76 + b"\r\n") * 200_000

    def data(peer: Peer) -> None:
        peer.say("354 Go")
        time.sleep(4)
        peer.drop()

    with SmtpServer(EHLO=LOCKSTEP, DATA=data) as there:
        [found] = smtp(there.port).send([TestMail(message=big)])
    assert (found.status, found.stage) == (Status.DEFERRED, Stage.BODY)


@pytest.mark.parametrize(
    "chunk", [b"250-" + b"x" * 70 + b"\r\n", b"2" * 4096], ids=["endless continuation", "endless line"]
)
@pytest.mark.parametrize("event", ["connect", "EHLO", "RCPT", "dot"])
def test_f13_a_flood_is_cut_off_and_costs_no_memory(smtp: MakeTransport, event, chunk) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found: list[Delivery] = []
    with SmtpServer(**{event: flood(chunk, 20)}) as there:
        try:
            found += smtp(there.port).send(mails(1))
        except TemporaryError:
            pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert not any(one.status is Status.ACCEPTED for one in found)
    if event == "dot":
        assert [one.status for one in found] == [Status.UNKNOWN]


def test_f15_an_unreachable_server_is_not_the_recipients_fault(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        port = there.port
    with pytest.raises(TemporaryError):
        list(smtp(port).send(mails(2)))


def test_a_server_that_closes_idle_lines_costs_nothing(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        transport = smtp(there.port)
        list(transport.send(mails(1)))
        there.peers[0].say("421 4.4.2 Idle for too long")
        there.peers[0].sock.shutdown(2)
        time.sleep(0.1)
        batch = mails(2)
        found = list(transport.send(batch))
    assert [one.status for one in found] == [Status.ACCEPTED] * 2
    assert [mail.asked for mail in batch] == [1, 1]


def test_an_idle_line_that_is_closed_by_421_does_not_cost_the_pipelining(smtp: MakeTransport) -> None:
    found, behind = [], []

    def mail(peer: Peer) -> str:
        behind.append(peer.rest)
        return "250 Ok"

    with SmtpServer(MAIL=mail) as there:

        def slowly():
            yield TestMail(1)
            while not found:
                yield None
            there.peers[0].say("421 4.4.2 Idle for too long")
            yield from [None] * 5
            yield TestMail(2)

        for one in smtp(there.port).send(slowly()):
            found.append(one.status)
    assert found == [Status.ACCEPTED] * 2
    assert len(there.peers) == 2
    assert all(b"RCPT" in rest and b"DATA" in rest for rest in behind)


def test_more_connections_than_the_server_wants_are_done_without(smtp: MakeTransport) -> None:
    def connect(peer: Peer) -> str:
        return "220 Hello" if peer.number < 2 else "421 4.7.0 Too many connections"

    with SmtpServer(connect=connect) as there:
        found = list(smtp(there.port, connections=6).send(mails(60)))
    assert [one.status for one in found] == [Status.ACCEPTED] * 60


def test_a_server_that_is_back_after_a_moment_gets_the_rest(smtp: MakeTransport) -> None:
    def connect(peer: Peer) -> str | None:
        return peer.drop() if peer.number == 1 else "220 Hello"

    with SmtpServer(connect=connect, dot=on(0, DROP, "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(3))))
    assert found["1"].status is Status.UNKNOWN
    assert [found[key].status for key in "23"] == [Status.ACCEPTED] * 2


@BOTH
def test_an_acceptance_that_comes_before_the_body_is_no_acceptance(smtp: MakeTransport, ehlo) -> None:
    def data(peer: Peer) -> str | None:
        return "354 Go\n250 2.0.0 Ok" if peer.number == 0 else "354 Go"

    with SmtpServer(EHLO=ehlo, DATA=data, dot=on(0, DROP, "250 Ok")) as there:
        found = by_key(list(smtp(there.port).send(mails(2))))
    assert found["1"].status in (Status.DEFERRED, Status.UNKNOWN)
    assert found["2"].status is Status.ACCEPTED


@BOTH
def test_an_answer_that_comes_before_the_question_is_no_answer(smtp: MakeTransport, ehlo) -> None:
    with SmtpServer(EHLO=ehlo, MAIL=on(0, "250 Ok\n250 Ok", "250 Ok")) as there:
        found = list(smtp(there.port).send(mails(2)))
    assert [one.status for one in found] == [Status.ACCEPTED] * 2
    assert sorted(there.recipients) == ["a1@example.net", "a2@example.net"]


def test_a_body_that_is_refused_half_way_is_refused(smtp: MakeTransport) -> None:
    big = b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * 200_000

    def data(peer: Peer) -> None:
        peer.say("354 Go\n552 5.3.4 Too big for us")
        time.sleep(0.3)
        peer.drop()

    answers = {"EHLO": LOCKSTEP, "DATA": on(0, data, "354 Go")}
    with SmtpServer(**answers) as there:
        transport = smtp(there.port)
        found = by_key(list(transport.send([TestMail(1, message=big), TestMail(2)])))
    assert found["1"].status in (Status.REJECTED, Status.DEFERRED)
    assert found["2"].status is Status.ACCEPTED


def test_a_server_that_forgets_what_is_pipelined_is_spoken_to_in_lock_step(smtp: MakeTransport) -> None:
    def dot(peer: Peer) -> str:
        peer.rest = b""
        return "250 Ok"

    batch = mails(4)
    with SmtpServer(dot=dot) as there:
        found = list(smtp(there.port).send(batch))
    assert [one.status for one in found] == [Status.ACCEPTED] * 4
    assert there.recipients == [mail.recipient for mail in batch]
    assert len(there.peers) == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_hangs_up_at_once_is_only_put_off(security) -> None:
    def gone(address: str, port: int, seconds: float) -> socket.socket:
        sock = socket.create_connection((address, port), seconds)
        select.select([sock], [], [], 5)  # until the reset is here
        return sock

    def resets(peer: Peer) -> None:
        peer.reset()

    with SmtpServer(connect=resets) as there:
        settings = {"host": "127.0.0.1", "port": there.port, "security": security}
        net = Net([f"127.0.0.1:{there.port}"], floor=0, dialer=gone)
        with SmtpTransport(settings, net=net, log=logging.getLogger()) as transport:
            with pytest.raises(TemporaryError):
                list(transport.send(mails(1)))
            assert [one.verdict for one in transport.probe("x@mail.example")][1] == "fail"
