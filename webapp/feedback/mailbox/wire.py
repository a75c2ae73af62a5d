"""IMAP and POP3 on a socket that is connected already: the standard library's own, with bounds to what a server may say."""

import imaplib
import poplib
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from webapp.feedback.mailbox.fields import DELETE, MOVE, SEEN
from webapp.mail.mime import LONGEST

BATCH = 100  # mails whose sizes are asked for at once
LARGEST_BATCH = 2_000_000  # bytes that are held at once
LONGEST_LINE = 1_000_000
LONGEST_ANSWER = 16_000_000  # bytes of one answer that is kept in memory
_SIZE = re.compile(rb"\bUID (\d+)\b.*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?\bUID (\d+)\b")
_UID = re.compile(rb"\bUID (\d+)\b")
Mails = list[tuple[Any, bytes]]


class Imap(imaplib.IMAP4):
    """Mails are known by their UID, and have one order. Only the first million bytes of each are asked for."""

    def __init__(self, line: socket.socket, host: str) -> None:
        self._line = line
        self._validity = ""
        self._taken = 0
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._line

    def read(self, size: int) -> bytes:
        """Refuses a literal that is larger than anything asked for."""
        if size > LARGEST_BATCH:
            raise self.abort("the server sends more than was asked for")
        return self._bounded(super().read(size))

    def readline(self) -> bytes:
        """The library keeps whatever comes between a command and its answer, so that is bounded, too."""
        return self._bounded(super().readline())

    def _bounded(self, part: bytes) -> bytes:
        self._taken += len(part)
        if self._taken > LONGEST_ANSWER:
            raise self.abort("the server sends more than was asked for")
        return part

    def _command(self, name: str, *arguments: Any) -> Any:
        self._taken = 0
        return super()._command(name, *arguments)  # type: ignore[misc]  # unknown to the library's stubs

    def encrypt(self, context: ssl.SSLContext) -> None:
        self.starttls(context)

    def sign_in(self, user: str, password: str) -> None:
        if "AUTH=PLAIN" in self.capabilities:
            self.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            self.login(user, password)

    def sign_in_with_token(self, token: bytes) -> None:
        self.authenticate("XOAUTH2", lambda challenge: token if not challenge else b"")

    def enter(self, folder: str) -> str:
        """Open the folder; what there is in it, in words."""
        kind, answer = self.select(_quoted(folder))
        if kind != "OK":
            raise self.error(answer[0])
        validity: Any = (self.untagged_responses.get("UIDVALIDITY") or [b""])[-1]
        self._validity = validity.decode("ascii", "replace")
        self.capabilities = tuple(
            self._said("CAPABILITY").upper().split()
        )  # more is offered once somebody signed in
        count = int(answer[0] or b"0")
        return f"{count} mail{'' if count == 1 else 's'} in {folder}."

    @property
    def validity(self) -> str:
        """What makes the UIDs of this folder mean the same mails as before."""
        return self._validity

    def after(self, mark: int) -> list[int]:
        """UIDs above the mark, in their order. `n:*` always names the last mail, so it is left out here."""
        return sorted(uid for uid in self._found(f"UID {mark + 1}:*") if uid > mark)

    def until(self, mark: int, *, unseen: bool) -> list[int]:
        return self._found(f"UID 1:{mark}" + (" UNSEEN" if unseen else "")) if mark else []

    def batches(self, uids: list[int]) -> Iterator[Mails]:
        """(UID, the first million bytes), a few at a time. A mail that is gone meanwhile is missing."""
        for start in range(0, len(uids), BATCH):
            some = uids[start : start + BATCH]
            sizes = self._sizes(some)
            for group in _groups([(uid, min(sizes.get(uid, 0), LONGEST)) for uid in some]):
                yield self._fetched(group)

    def settle(self, uids: list[Any], deed: str, folder: str) -> None:
        """Do with stored mails what the settings say."""
        for start in range(0, len(uids), BATCH):
            some = ",".join(map(str, uids[start : start + BATCH]))
            if deed == SEEN:
                self._uid("STORE", some, "+FLAGS.SILENT", r"(\Seen)")
            elif deed == MOVE and "MOVE" in self.capabilities:
                self._uid("MOVE", some, _quoted(folder))
            elif deed in (MOVE, DELETE):
                if deed == MOVE:
                    self._uid("COPY", some, _quoted(folder))
                self._uid("STORE", some, "+FLAGS.SILENT", r"(\Deleted)")
                if "UIDPLUS" in self.capabilities:  # a plain EXPUNGE would take what others have marked, too
                    self._uid("EXPUNGE", some)

    def leave(self) -> None:
        self.logout()

    def _found(self, criteria: str) -> list[int]:
        return [int(uid) for part in self._uid("SEARCH", criteria) if part for uid in part.split()]

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        found = {}
        for part in self._uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"):
            if part and (seen := _SIZE.search(part if isinstance(part, bytes) else part[0])):
                found[int(seen[1] or seen[4])] = int(seen[2] or seen[3])
        return found

    def _fetched(self, uids: list[int]) -> Mails:
        answer = self._uid("FETCH", ",".join(map(str, uids)), f"(UID BODY.PEEK[]<0.{LONGEST}>)")
        pairs = [part for part in answer if isinstance(part, tuple)]
        return [(int(seen[1]), raw) for head, raw in pairs if (seen := _UID.search(head))]

    def _said(self, command: str) -> str:
        self._simple_command(command)
        told: Any = self.response(command)[1][-1]
        return told.decode("ascii", "replace") if isinstance(told, bytes) else ""

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        kind, answer = self.uid(command, *arguments)
        if kind != "OK":
            raise self.error(answer[0])
        return answer


class Pop(poplib.POP3):
    """Mails are known by their unique id. Deletions count when the session ends well, and only then."""

    def __init__(self, line: socket.socket, host: str) -> None:
        self._line = line
        self.numbers: dict[str, int] = {}
        self._left: int | None = None  # of a list that is kept whole; a mail is read piece by piece
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._line

    def _getline(self) -> tuple[bytes, int]:
        """As the library does it, but for lines that are longer than the 2,048 bytes it knows: real mail has them."""
        line = self.file.readline(LONGEST_LINE + 1)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        if len(line) > LONGEST_LINE:
            raise poplib.error_proto("line too long")
        if self._left is not None:
            self._left -= len(line)
            if self._left < 0:
                raise poplib.error_proto("the server sends more than was asked for")
        return line.rstrip(b"\r\n"), len(line)

    def _getlongresp(self) -> Any:
        self._left = LONGEST_ANSWER
        try:
            return super()._getlongresp()  # type: ignore[misc]  # unknown to the library's stubs
        finally:
            self._left = None

    def encrypt(self, context: ssl.SSLContext) -> None:
        self.stls(context)

    def sign_in(self, user: str, password: str) -> None:
        self.user(user)
        self.pass_(password)

    def sign_in_with_token(self, token: bytes) -> None:
        self._send("AUTH XOAUTH2 " + b64encode(token).decode())

    def enter(self, folder: str) -> str:
        """Learn the unique ids; how many mails there are, in words."""
        lines = self.uidl()[1]
        pairs = (line.decode("ascii", "replace").split(" ", 1) for line in lines)
        self.numbers = {uid.strip()[:70]: int(number) for number, uid in pairs}
        return f"{len(self.numbers)} mail{'' if len(self.numbers) == 1 else 's'} in the mailbox."

    def batches(self, uids: list[str]) -> Iterator[Mails]:
        sizes = {int(number): int(size) for number, size in (line.split()[:2] for line in self.list()[1])}
        for group in _groups([(uid, min(sizes.get(self.numbers[uid], 0), LONGEST)) for uid in uids]):
            yield [(uid, self._beginning(self.numbers[uid])) for uid in group]

    def settle(self, uids: list[Any], deed: str, folder: str) -> None:
        if deed == DELETE:
            for uid in uids:
                self.dele(self.numbers[uid])

    def leave(self) -> None:
        self.quit()

    def _send(self, command: str) -> None:
        """A command whose first line of answer is all that is waited for."""
        self._shortcmd(command)  # type: ignore[attr-defined]  # the library's own, unknown to its stubs

    def _beginning(self, number: int) -> bytes:
        """The first million bytes; the rest is read and dropped, as POP3 knows no other way."""
        self._send(f"RETR {number}")
        kept = bytearray()
        while (line := self._getline()[0]) != b".":
            if len(kept) < LONGEST:
                kept += (line[1:] if line.startswith(b"..") else line) + b"\r\n"
        return bytes(kept[:LONGEST])


def _groups(sized: list[tuple[Any, int]]) -> Iterator[list[Any]]:
    group: list[Any] = []
    held = 0
    for uid, size in sized:
        if group and held + size > LARGEST_BATCH:
            yield group
            group, held = [], 0
        group.append(uid)
        held += size
    if group:
        yield group


def _quoted(folder: str) -> str:
    """A folder as IMAP wants its name: modified UTF-7 (RFC 3501 §5.1.3), in quotes."""
    return '"' + _utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> str:
    out, foreign = [], ""
    for letter in text + "\0":
        if " " <= letter <= "~" or letter == "\0":
            if foreign:
                out.append("&" + foreign.encode("utf-7").decode().strip("+-").replace("/", ",") + "-")
                foreign = ""
            out.append({"&": "&-", "\0": ""}.get(letter, letter))
        else:
            foreign += letter
    return "".join(out)
