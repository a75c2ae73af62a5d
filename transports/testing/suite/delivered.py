"""Mails that the service takes."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from transports.contract import Capability, Delivery, OutgoingMail, Stage, Status, asked_of
from transports.errors import Unsupported
from transports.testing.harness import Harness, arrivals
from transports.testing.mails import Mail, demanding


def people(number: int) -> list[Mail]:
    return [Mail(f"person{n}@affiliate.example") for n in range(number)]


class _Watched(Mail):
    """Notes how many mails had arrived when it was asked whether it may leave."""

    def __init__(self, harness: Harness, recipient: str) -> None:
        super().__init__(recipient)
        self._harness = harness
        self.arrived_before: list[str] = []

    def leaving(self) -> bool:
        self.arrived_before = arrivals(self._harness.inbox())
        return super().leaving()


class Delivered:
    @pytest.mark.parametrize("number", [0, 1, 3])
    def test_each_mail_gets_one_delivery(self, harness: Harness, number: int) -> None:
        mails = people(number)
        with harness.build() as transport:
            found = list(transport.send(mails))
        self._all_accepted(harness, mails, found)

    def test_mails_may_come_from_a_generator_with_pauses(self, harness: Harness) -> None:
        mails = people(3)

        def given() -> Iterator[OutgoingMail | None]:
            for mail in mails:
                yield None
                yield mail
                yield None

        with harness.build() as transport:
            found = list(transport.send(given()))
        self._all_accepted(harness, mails, found)

    def test_two_rounds_may_follow_each_other(self, harness: Harness) -> None:
        mails = people(4)
        with harness.build() as transport:
            found = list(transport.send(mails[:2])) + list(transport.send(mails[2:]))
        with transport:
            more = people(5)[4:]
            found += list(transport.send(more))
        self._all_accepted(harness, mails + more, found)

    def test_as_many_connections_as_declared_bring_each_mail_once(self, harness: Harness) -> None:
        mails = people(12)
        transport = harness.build()
        transport.open(transport.limits.connections)
        try:
            found = list(transport.send(iter(mails)))
        finally:
            transport.close()
        self._all_accepted(harness, mails, found)

    def test_a_mail_arrives_as_it_was_written(self, harness: Harness) -> None:
        mail = demanding()
        with harness.build() as transport:
            list(transport.send([mail]))
        (came,) = harness.inbox()
        assert came.recipient == mail.recipient
        if came.raw is not None:
            assert came.raw.removesuffix(b"\r\n") == mail.to_bytes().removesuffix(b"\r\n"), (
                "the message was changed"
            )
        assert came.subject == mail.subject
        assert _plain(came.text) == _plain(mail.text)
        assert _plain(came.html) == _plain(mail.html)
        assert [(one.name, one.content) for one in mail.attachments] == list(came.attachments)
        headers = {name.lower(): value for name, value in came.headers.items()}
        assert headers.get("list-id") == mail.header("List-Id")
        assert headers.get("x-campaign") == mail.header("X-Campaign")
        assert "bcc" not in headers

    def test_a_mail_is_only_read(self, harness: Harness) -> None:
        mail = demanding()
        mail.to_bytes()
        before = copy.deepcopy(vars(mail))
        with harness.build() as transport:
            list(transport.send([mail]))
        after = vars(mail)
        before["asked"] = after["asked"]
        assert after == before, "the transport changed the host's mail"

    def test_each_mail_is_asked_once_and_before_it_leaves(self, harness: Harness) -> None:
        mails = [_Watched(harness, f"person{n}@affiliate.example") for n in range(3)]
        with harness.build() as transport:
            list(transport.send(mails))
        for mail in mails:
            assert mail.asked == 1, f"leaving() was called {mail.asked} times"
            assert mail.recipient not in mail.arrived_before, "leaving() was called after the mail had gone"

    def test_a_mail_that_may_not_leave_does_not(self, harness: Harness) -> None:
        mails = [
            *people(2),
            Mail("cancelled@affiliate.example", may_leave=False),
            Mail("last@affiliate.example"),
        ]
        with harness.build() as transport:
            found = list(transport.send(mails))
        kept = [mail for mail in mails if mail.may_leave]
        self._all_accepted(harness, kept, found)

    def test_what_is_not_declared_is_refused_before_anything_leaves(self, harness: Harness) -> None:
        asking = [Mail(tags=["autumn"]), Mail(metadata={"a": "b"}), Mail(sender="bounce+1@network.example")]
        for mail in asking:
            if asked_of(mail) <= harness.transport.capabilities:
                continue
            with harness.build() as transport, pytest.raises(Unsupported):
                list(transport.send([mail]))
            assert mail.asked == 0
        assert harness.inbox() == []

    def test_a_declared_idempotent_transport_sends_a_key_once(self, harness: Harness) -> None:
        if Capability.IDEMPOTENT in harness.transport.capabilities:
            mail = Mail(key="once")
            with harness.build() as transport:
                list(transport.send([mail]))
                list(transport.send([mail]))
            assert len(harness.inbox()) == 1

    def _all_accepted(self, harness: Harness, mails: list[Mail], found: list[Delivery]) -> None:
        for one in found:
            assert isinstance(one, Delivery), f"send() yielded {one!r}"
            assert isinstance(one.stage, Stage)
        assert sorted(one.key for one in found) == sorted(mail.key for mail in mails), (
            "not one Delivery for each mail"
        )
        assert {one.status for one in found} <= {Status.ACCEPTED}
        assert arrivals(harness.inbox()) == sorted(mail.recipient for mail in mails)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")
