"""Mails for the tests of the transports."""

from __future__ import annotations

from transports.contract import Attachment, OutgoingMail


class TestMail(OutgoingMail):
    """A mail that remembers whether it was asked for its leave, and gives it or not."""

    __test__ = False

    def __init__(
        self,
        number: int = 1,
        *,
        recipient: str | None = None,
        sender: str = "news@mail.example",
        message: bytes | None = None,
        may_leave: bool = True,
        tags: tuple[str, ...] = (),
    ) -> None:
        self.key = str(number)
        self.sender = sender
        self.recipient = recipient if recipient is not None else f"a{number}@example.net"
        self.subject, self.text, self.html = "Hello", "Hello", "<p>Hello</p>"
        self.headers = (("From", sender), ("To", self.recipient), ("Subject", self.subject))
        self.attachments: tuple[Attachment, ...] = ()
        self.tags, self.metadata = tags, {}
        self.may_leave = may_leave
        self.asked = 0
        self._message = message

    def to_bytes(self) -> bytes:
        if self._message is not None:
            return self._message
        head = f"From: {self.sender}\r\nTo: x\r\nSubject: Hello\r\nMessage-ID: <{self.key}@mail.example>\r\n"
        return head.encode() + b"\r\nHello\r\n"

    def leaving(self) -> bool:
        self.asked += 1
        return self.may_leave


def mails(count: int) -> list[TestMail]:
    return [TestMail(number) for number in range(1, count + 1)]
