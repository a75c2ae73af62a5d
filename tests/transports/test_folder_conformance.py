"""The folder keeps the contract."""

from typing import ClassVar

from transports.folder.transport import FolderTransport
from transports.testing.conformance import Arrived, Harness, TransportConformance


class FolderHarness(Harness):
    transport = FolderTransport
    cannot: ClassVar = frozenset({"wrong_secret", "unreachable", "reject", "defer", "cut_line"})

    def settings(self) -> dict[str, str]:
        return {"name": "outbox"}

    def inbox(self) -> list[Arrived]:
        files = sorted((self.mail_root / "outbox").glob("*.eml"))
        mails = [Arrived.from_bytes("", file.read_bytes()) for file in files]
        return [Arrived.from_bytes(mail.headers["To"].split("<")[1][:-1], mail.raw or b"") for mail in mails]


class TestFolder(TransportConformance):
    harness_class = FolderHarness
