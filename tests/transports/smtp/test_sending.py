"""Mails through real sockets: what the server got, and what we say became of each."""

from __future__ import annotations

import pytest

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.mails import TestMail, mails
from tests.transports.smtp.server import LOCKSTEP, SmtpServer
from transports.contract import Stage, Status
from transports.errors import Unsupported

ANY = pytest.mark.parametrize("ehlo", [LOCKSTEP, None], ids=["lock-step", "pipelining"])


def server(ehlo: str | None, **answers: object) -> SmtpServer:
    return SmtpServer(**({"EHLO": ehlo} if ehlo else {}), **answers)


@ANY
@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_each_mail_arrives_once_and_has_one_delivery(smtp: MakeTransport, ehlo: str, count: int) -> None:
    with server(ehlo) as there:
        found = list(smtp(there.port, connections=3).send(iter(mails(count))))
    assert sorted(one.key for one in found) == sorted(mail.key for mail in mails(count))
    assert all(one.status is Status.ACCEPTED and one.stage is Stage.DOT for one in found)
    assert sorted(there.recipients) == sorted(mail.recipient for mail in mails(count))


@ANY
def test_the_message_is_not_changed_by_dots(smtp: MakeTransport, ehlo: str) -> None:
    message = b"Subject: x\r\n\r\n.first\r\n..\r\n.\r\nlast"
    with server(ehlo) as there:
        list(smtp(there.port).send([TestMail(message=message), TestMail(2)]))
    arrived = there.mails[0][1].replace(b"\r\n..", b"\r\n.")
    assert arrived == message + b"\r\n"
    assert there.recipients == ["a1@example.net", "a2@example.net"]


def test_the_connection_is_kept_from_one_send_to_the_next(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        transport = smtp(there.port)
        list(transport.send(mails(2)))
        list(transport.send(mails(2)))
    assert len(there.peers) == 1


def test_the_next_envelope_goes_with_the_final_dot(smtp: MakeTransport) -> None:
    seen: list[bytes] = []

    def dot(peer) -> str:
        seen.append(peer.rest)
        return "250 2.0.0 Ok"

    with SmtpServer(dot=dot) as there:
        list(smtp(there.port).send(mails(2)))
    assert seen[0].startswith(b"MAIL FROM:<news@mail.example>")
    assert seen[0].endswith(b"DATA\r\n")


def test_the_outcome_carries_the_queue_name_the_peer_and_the_words(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        [found] = smtp(there.port).send(mails(1))
    assert found.provider_id == "4Zt1Kq2RyZ"
    assert found.code == "250 2.0.0"
    assert found.detail == "250 2.0.0 Ok: queued as 4Zt1Kq2RyZ"
    assert found.peer == f"127.0.0.1[127.0.0.1]:{there.port}"


@ANY
def test_one_refused_recipient_does_not_spoil_the_others(smtp: MakeTransport, ehlo: str) -> None:
    def rcpt(peer) -> str:
        return "550 5.1.1 No such user here" if peer.recipient.startswith("a2@") else "250 Ok"

    def data(peer) -> str:
        return "554 5.5.1 No valid recipients" if peer.recipient.startswith("a2@") else "354 Go"

    with server(ehlo, RCPT=rcpt, DATA=data) as there:
        found = {one.key: one for one in smtp(there.port).send(mails(4))}
    assert found["2"].status is Status.REJECTED
    assert found["2"].stage is Stage.RCPT
    assert (found["2"].reply, found["2"].enhanced) == ("550", "5.1.1")
    assert found["2"].detail == "550 5.1.1 No such user here"
    assert [found[key].status for key in "134"] == [Status.ACCEPTED] * 3
    assert there.recipients == ["a1@example.net", "a3@example.net", "a4@example.net"]


def test_a_354_for_a_refused_recipient_is_answered_with_an_empty_message(smtp: MakeTransport) -> None:
    def rcpt(peer) -> str:
        return "550 5.1.1 No such user" if peer.recipient.startswith("a1@") else "250 Ok"

    first = mails(2)
    with SmtpServer(RCPT=rcpt) as there:
        found = {one.key: one.status for one in smtp(there.port).send(first)}
    assert found == {"1": Status.REJECTED, "2": Status.ACCEPTED}
    assert first[0].asked == 0
    assert there.recipients == ["a2@example.net"]


@ANY
def test_a_mail_that_must_not_leave_never_does(smtp: MakeTransport, ehlo: str) -> None:
    batch = [TestMail(1), TestMail(2, may_leave=False), TestMail(3)]
    with server(ehlo) as there:
        found = list(smtp(there.port).send(batch))
    assert [one.key for one in found] == ["1", "3"]
    assert there.recipients == ["a1@example.net", "a3@example.net"]
    assert [mail.asked for mail in batch] == [1, 1, 1]


def test_nothing_leaves_while_the_supply_pauses(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        found = list(smtp(there.port).send([None, TestMail(1), None, None, TestMail(2), None]))
    assert [one.key for one in found] == ["1", "2"]
    assert there.recipients == ["a1@example.net", "a2@example.net"]


def test_a_delivery_is_yielded_before_the_next_mail_is_asked_for(smtp: MakeTransport) -> None:
    seen: list[str] = []

    def slowly():
        yield TestMail(1)
        while not seen:
            yield None
        yield TestMail(2)

    with SmtpServer() as there:
        for one in smtp(there.port).send(slowly()):
            seen.append(one.key)
    assert seen == ["1", "2"]


def test_a_capability_that_smtp_has_not_is_refused_before_anything_is_said(smtp: MakeTransport) -> None:
    with SmtpServer() as there, pytest.raises(Unsupported):
        list(smtp(there.port).send([TestMail(tags=("welcome",))]))
    assert not there.peers


def test_no_more_connections_are_opened_than_there_are_mails(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        list(smtp(there.port, connections=10).send(mails(1)))
    assert len(there.peers) == 1


def test_fewer_connections_can_be_asked_for_later(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        transport = smtp(there.port, connections=4)
        list(transport.send(mails(200)))
        assert len(there.peers) > 1
        transport.open(1)
        before = len(there.peers)
        list(transport.send(mails(20)))
    assert len(there.peers) == before
    assert sum(peer.commands[-1] == "QUIT" for peer in there.peers) >= before - 1


@ANY
def test_a_failing_journal_stops_the_sending_and_loses_no_answer(smtp: MakeTransport, ehlo: str) -> None:
    class Failing(TestMail):
        def leaving(self) -> bool:
            raise OSError("disk full")

    found = []
    with server(ehlo) as there, pytest.raises(OSError, match="disk full"):
        for one in smtp(there.port).send([TestMail(1), Failing(2), TestMail(3)]):
            found.append(one.key)
    assert found == ["1"]
    assert there.recipients == ["a1@example.net"]


def test_what_is_in_flight_when_the_supply_fails_gets_its_answer(smtp: MakeTransport) -> None:
    def failing():
        yield TestMail(1)
        yield TestMail(2)
        raise ValueError("no more")

    found = []
    with SmtpServer() as there, pytest.raises(ValueError, match="no more"):
        for one in smtp(there.port).send(failing()):
            found.append(one.key)
    assert sorted(found) == sorted(key.split("@")[0][1:] for key in there.recipients)


@ANY
def test_fewer_connections_can_be_asked_for_in_the_middle(smtp: MakeTransport, ehlo: str) -> None:
    with server(ehlo) as there:
        transport = smtp(there.port, connections=5)
        found = []
        for one in transport.send(iter(mails(120))):
            found.append(one.key)
            if len(found) == 40:
                transport.open(1)
    assert len(found) == len(set(found)) == len(there.mails) == 120
    # One that was still being opened when fewer were asked for has said nothing.
    last = [peer.commands[-1] for peer in there.peers if peer.commands]
    assert sum(command != "QUIT" for command in last) <= 2


def test_a_round_that_is_left_early_drops_what_is_under_way(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        transport = smtp(there.port)
        sending = transport.send(iter(mails(50)))
        next(sending)
        sending.close()
        [found] = transport.send([TestMail(99)])
    assert found.status is Status.ACCEPTED
    assert len(there.recipients) <= 4
