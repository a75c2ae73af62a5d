"""Several whole mails on the way over one connection: what each refusal and each broken line means for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.mails import TestMail, mails
from tests.transports.smtp.server import CHUNKING, DROP, EHLO, Peer, SmtpServer
from transports.contract import Delivery, Stage, Status
from transports.errors import PermanentError
from transports.smtp.chunked import Chunked
from transports.smtp.commands import envelope
from transports.smtp.conversation import Flight
from transports.smtp.features import Features
from transports.smtp.supply import Taken

WINDOW = 4


def outcomes(found: list[Delivery]) -> dict[int, Status]:
    assert len({one.key for one in found}) == len(found)
    return {int(one.key): one.status for one in found}


def verbs(peer: Peer) -> list[str]:
    return [command.split()[0] for command in peer.commands]


def for_recipient(number: int, answer: object, otherwise: str):
    """One answer for that mail, another for all others."""

    def choose(peer: Peer):
        mine = peer.recipient == f"a{number}@example.net"
        return (answer(peer) if callable(answer) else answer) if mine else otherwise

    return choose


@pytest.mark.parametrize(
    ("ehlo", "window"), [(CHUNKING, 1), (EHLO, WINDOW)], ids=["not asked", "not offered"]
)
def test_without_the_setting_or_the_offer_mails_go_by_data(smtp: MakeTransport, ehlo, window) -> None:
    with SmtpServer(EHLO=ehlo) as there:
        found = list(smtp(there.port, window=window).send(mails(3)))
    assert set(outcomes(found).values()) == {Status.ACCEPTED}
    assert "BDAT" not in verbs(there.peers[0])


def test_the_first_mail_goes_alone_and_then_four_at_once(smtp: MakeTransport) -> None:
    behind: list[int] = []

    def dot(peer: Peer) -> str:
        behind.append(peer.rest.count(b"MAIL FROM"))
        return "250 2.0.0 Ok"

    with SmtpServer(EHLO=CHUNKING, dot=dot) as there:
        found = list(smtp(there.port, window=WINDOW).send(mails(9)))
    assert set(outcomes(found).values()) == {Status.ACCEPTED}
    assert there.recipients == [mail.recipient for mail in mails(9)]
    assert behind[0] == 0
    assert max(behind) == WINDOW - 1
    assert "DATA" not in verbs(there.peers[0])


def test_a_body_keeps_its_dots_and_gets_whole_line_ends(smtp: MakeTransport) -> None:
    message = b"Subject: x\r\n\r\n.first\n..\r\n.\r\nlast"
    with SmtpServer(EHLO=CHUNKING) as there:
        list(smtp(there.port, window=WINDOW).send([TestMail(message=message), TestMail(2)]))
    assert there.mails[0][1] == b"Subject: x\r\n\r\n.first\r\n..\r\n.\r\nlast\r\n"
    assert there.recipients == ["a1@example.net", "a2@example.net"]


def test_a_mail_that_must_not_leave_is_not_even_announced(smtp: MakeTransport) -> None:
    batch = [TestMail(1), TestMail(2, may_leave=False), TestMail(3)]
    with SmtpServer(EHLO=CHUNKING) as there:
        found = list(smtp(there.port, window=WINDOW).send(batch))
    assert sorted(outcomes(found)) == [1, 3]
    assert len(there.peers) == 1
    assert not any("a2@" in command for command in there.commands)


@pytest.mark.parametrize(
    ("event", "reply", "stage", "status"),
    [
        ("RCPT", "550 5.1.1 No such user", Stage.RCPT, Status.REJECTED),
        ("RCPT", "450 4.7.1 Greylisted", Stage.RCPT, Status.DEFERRED),
        ("dot", "554 5.7.1 Spam", Stage.DOT, Status.REJECTED),
        ("dot", "452 4.3.1 Out of space", Stage.DOT, Status.DEFERRED),
    ],
)
def test_one_refusal_among_four_concerns_that_mail_alone(
    smtp: MakeTransport, event, reply, stage, status
) -> None:
    with SmtpServer(EHLO=CHUNKING, **{event: for_recipient(3, reply, "250 Ok")}) as there:
        found = list(smtp(there.port, window=WINDOW).send(mails(8)))
    refused = next(one for one in found if one.key == "3")
    assert (refused.status, refused.stage, refused.detail) == (status, stage, reply)
    assert [key for key, one in sorted(outcomes(found).items()) if one is Status.ACCEPTED] == [
        1,
        2,
        4,
        5,
        6,
        7,
        8,
    ]
    assert len(there.peers) == 1
    assert "DATA" not in verbs(there.peers[0])


def test_a_refused_sender_stops_the_server_and_those_that_left_are_told(smtp: MakeTransport) -> None:
    def mail(peer: Peer) -> str:
        return "250 Ok" if verbs(peer).count("MAIL") < 3 else "550 5.1.8 Bad sender"

    batch, found = mails(20), []
    answers = {"MAIL": mail, "RCPT": lambda peer: mail(peer).replace("550 5.1.8", "503")}
    with SmtpServer(EHLO=CHUNKING, **answers) as there, pytest.raises(PermanentError):
        for one in smtp(there.port, window=WINDOW).send(batch):
            found.append(one)
    left = {int(one.key) for one in batch if one.asked}
    assert set(outcomes(found)) == left
    assert {one.key for one in found if one.status is Status.ACCEPTED} == {"1", "2"}
    assert {(one.status, one.stage) for one in found[2:]} == {(Status.REJECTED, Stage.MAIL)}
    assert len(left) <= 2 + WINDOW


@pytest.mark.parametrize("how", [DROP, Peer.reset], ids=["closed", "reset"])
def test_f5_a_lost_line_leaves_exactly_those_unknown_that_were_on_their_way(smtp: MakeTransport, how) -> None:
    batch = mails(12)
    with SmtpServer(EHLO=CHUNKING, dot=for_recipient(2, how, "250 Ok")) as there:
        found = outcomes(list(smtp(there.port, window=WINDOW).send(batch)))
    assert [key for key, status in found.items() if status is Status.UNKNOWN] == [5, 4, 3, 2]
    assert all(found[key] is Status.ACCEPTED for key in [1, *range(6, 13)])
    assert [mail.asked for mail in batch] == [1] * 12


def test_f7_what_stands_behind_a_421_was_not_taken(smtp: MakeTransport) -> None:
    def enough(peer: Peer) -> None:
        peer.say("421 4.7.0 Enough for today")
        peer.drop()

    with SmtpServer(EHLO=CHUNKING, dot=for_recipient(2, enough, "250 Ok")) as there:
        found = outcomes(list(smtp(there.port, window=WINDOW).send(mails(9))))
    assert [key for key, status in sorted(found.items()) if status is Status.DEFERRED] == [2, 3, 4, 5]
    assert all(found[key] is Status.ACCEPTED for key in (1, 6, 7, 8, 9))


def test_an_acceptance_behind_a_421_counts_and_makes_the_rest_uncertain_again(smtp: MakeTransport) -> None:
    def dot(peer: Peer) -> str | None:
        mishaps = {"a2@example.net": "421 4.3.2 Closing", "a4@example.net": DROP}
        mishap = mishaps.get(peer.recipient, "250 Ok")
        return mishap(peer) if callable(mishap) else mishap

    with SmtpServer(EHLO=CHUNKING, dot=dot) as there:
        found = outcomes(list(smtp(there.port, window=WINDOW).send(mails(5))))
    assert found == {
        1: Status.ACCEPTED, 2: Status.DEFERRED, 3: Status.ACCEPTED, 4: Status.UNKNOWN, 5: Status.UNKNOWN
    }  # fmt: skip


def test_a_server_that_knows_no_bdat_after_all_costs_one_deferral_and_gets_data(smtp: MakeTransport) -> None:
    with SmtpServer(EHLO=CHUNKING, BDAT="502 5.5.1 Not implemented") as there:
        there.mails.clear()
        found = outcomes(list(smtp(there.port, window=WINDOW).send(mails(5))))
    assert found == {1: Status.DEFERRED, **dict.fromkeys((2, 3, 4, 5), Status.ACCEPTED)}
    assert verbs(there.peers[1]).count("DATA") == 4


def test_a_server_that_takes_what_it_had_refused_is_spoken_to_in_lock_step(smtp: MakeTransport) -> None:
    answers = {"RCPT": for_recipient(2, "550 5.1.1 No such user", "250 Ok"), "BDAT": "250 2.0.0 Ok"}
    with SmtpServer(EHLO=CHUNKING, **answers) as there:
        found = outcomes(list(smtp(there.port, window=WINDOW).send(mails(8))))
    assert found[2] is Status.REJECTED
    assert {found[key] for key in (3, 4, 5)} == {Status.UNKNOWN}
    assert found[6] in (Status.UNKNOWN, Status.ACCEPTED)  # it may have taken the place of the refused one
    assert {found[key] for key in (1, 7, 8)} == {Status.ACCEPTED}
    assert "BDAT" not in verbs(there.peers[1])


def test_a_big_body_that_is_refused_half_way_is_refused(smtp: MakeTransport) -> None:
    big = b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * 12_000

    def rcpt(peer: Peer) -> str:
        return "250 Ok\n552 5.3.4 Too big for us" if peer.recipient.startswith("a2@") else "250 Ok"

    batch = [TestMail(1), TestMail(2, message=big), TestMail(3)]
    with SmtpServer(EHLO=CHUNKING, RCPT=rcpt, dot=for_recipient(2, "451 4.3.0 Late", "250 Ok")) as there:
        found = outcomes(list(smtp(there.port, window=WINDOW).send(batch)))
    assert found[1] is Status.ACCEPTED
    assert found[2] is not Status.ACCEPTED


def test_a_failing_journal_stops_the_sending_and_loses_no_answer(smtp: MakeTransport) -> None:
    class Failing(TestMail):
        def leaving(self) -> bool:
            raise OSError("disk full")

    found = []
    with SmtpServer(EHLO=CHUNKING) as there, pytest.raises(OSError, match="disk full"):
        for one in smtp(there.port, window=WINDOW).send([*mails(3), Failing(4), TestMail(5)]):
            found.append(int(one.key))
    assert found == [1, 2, 3]
    assert there.recipients == [mail.recipient for mail in mails(3)]


def test_the_answer_to_a_body_is_waited_for_whatever_small_answers_come_before_it() -> None:
    talk = Chunked(Features(pipelining=True, chunking=True), window=WINDOW)
    begin(talk, 1)
    assert talk.flights[0].left
    talk.hear(b"250 a\r\n250 b\r\n250 c\r\n")
    assert talk.answer(talk.queued) is None
    assert talk.flights[0].left


def begin(talk: Chunked, number: int) -> TestMail:
    mail = TestMail(number)
    message = mail.to_bytes()
    talk.begin(Flight(Taken(mail, message), envelope(mail.sender, mail.recipient, message, talk.features)))
    return mail


REFUSALS = st.sampled_from(["", "", "", "MAIL 452", "RCPT 550", "RCPT 450", "DOT 554", "DOT 451"])


@given(st.lists(REFUSALS, min_size=1, max_size=12), st.data())
def test_each_mail_gets_its_own_answer_however_the_bytes_are_cut(
    refusals: list[str], data: st.DataObject
) -> None:
    """Against a server in memory that keeps a transaction open after a refusal, as real ones do."""
    talk = Chunked(Features(pipelining=True, chunking=True), window=WINDOW)
    found: dict[str, str] = {}
    said, pending, number = b"", b"", 0
    while len(found) < len(refusals):
        while talk.ready and number < len(refusals):
            number += 1
            begin(talk, number)
        more, said = replies(said + talk.output(), refusals)
        pending += more
        cut = data.draw(st.integers(1, len(pending)))
        talk.hear(pending[:cut])
        pending = pending[cut:]
        while (answer := talk.answer(talk.queued)) is not None:
            flight, reply = answer
            found[flight.taken.mail.key] = f"{flight.stage.upper()} {reply.code}"
    assert found == {str(n): refusal or "DOT 250" for n, refusal in enumerate(refusals, 1)}


def replies(said: bytes, refusals: list[str]) -> tuple[bytes, bytes]:
    """What the server answers to whole transactions, and what is not whole yet."""
    out = b""
    while b" LAST\r\n" in said:
        head, _, rest = said.partition(b" LAST\r\n")
        *commands, bdat = head.split(b"\r\n")
        size = int(bdat.split()[1])
        if len(rest) < size:
            break
        said = rest[size:]
        number = int(commands[2].partition(b"<a")[2].partition(b"@")[0])
        step, _, code = refusals[number - 1].partition(" ")
        states = {"MAIL": "250", "RCPT": "250", "DOT": "250"}
        if step:
            after = list(states)[list(states).index(step) :]
            states |= dict.fromkeys(after, "503")
            states[step] = code
        out += b"250 reset\r\n" + b"".join(f"{one} x\r\n".encode() for one in states.values())
    return out, said
