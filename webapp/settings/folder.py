"""The mails that the folder transport wrote, to be read in the app. They are parsed, never run."""

import email
import email.policy
import heapq
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from webapp.errors import NotFound

MOST_SEARCHED = 5_000  # the newest; older ones are found by their page
HEAD_BYTES = 64 * 1024
MAIL_BYTES = 30 * 1024 * 1024
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")


@dataclass(frozen=True)
class Entry:
    """One file. `folder` and `name` are its address."""

    folder: str
    name: str
    written_at: datetime
    path: Path

    @property
    def head(self) -> "Head":
        """Who it is for and what it says, from the first lines of the file."""
        try:
            with self.path.open("rb") as file:
                message = _parsed(file.read(HEAD_BYTES).split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n")
        except OSError:
            return Head("", "", "(this file can't be read)")
        return Head(_text(message, "To"), _text(message, "From"), _text(message, "Subject"))


@dataclass(frozen=True)
class Head:
    to: str
    sender: str
    subject: str

    def matches(self, words: str) -> bool:
        return words.lower() in f"{self.to} {self.sender} {self.subject}".lower()


@dataclass(frozen=True)
class Mail:
    """A whole mail, taken apart."""

    headers: list[tuple[str, str]]
    html: str
    text: str
    attachments: list[str]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def newest(root: Path, count: int = MOST_SEARCHED) -> list[Entry]:
    """The newest mails of every folder, newest first."""
    return heapq.nlargest(count, _entries(root), key=lambda entry: (entry.written_at, entry.name))


def total(root: Path) -> int:
    return sum(1 for _ in _entries(root))


def search(root: Path, words: str) -> list[Entry]:
    """Those among the newest whose recipient, sender or subject holds these words."""
    return [entry for entry in newest(root) if entry.head.matches(words)]


def find(root: Path, folder: str, name: str) -> Entry:
    """One mail by its address; `NotFound` for whatever is no mail of this folder, links included."""
    if not _SAFE.fullmatch(folder) or not _SAFE.fullmatch(name) or not name.endswith(".eml"):
        raise NotFound("There is no such mail in the folder.")
    path = root / folder / name
    try:
        inside = path.resolve(strict=True) == root.resolve() / folder / name
        if inside and path.is_file() and path.stat().st_size <= MAIL_BYTES:
            return Entry(folder, name, datetime.fromtimestamp(path.stat().st_mtime, UTC), path)
    except OSError:
        pass
    raise NotFound("There is no such mail in the folder. It may have been deleted.")


def read(entry: Entry) -> Mail:
    message = _parsed(entry.path.read_bytes())
    return Mail(
        headers=[(name, _printable(_decoded(name, value))) for name, value in message.raw_items()],
        html=_body(message, "html"),
        text=_body(message, "plain"),
        attachments=[_printable(part.get_filename() or "without a name") for part in _attachments(message)],
    )


def _entries(root: Path) -> Iterator[Entry]:
    for folder in _scan(root):
        if not folder.is_dir(follow_symlinks=False) or not _SAFE.fullmatch(folder.name):
            continue
        for file in _scan(Path(folder.path)):
            if (
                file.name.endswith(".eml")
                and _SAFE.fullmatch(file.name)
                and file.is_file(follow_symlinks=False)
            ):
                written = datetime.fromtimestamp(file.stat(follow_symlinks=False).st_mtime, UTC)
                yield Entry(folder.name, file.name, written, Path(file.path))


def _scan(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return list(found)
    except OSError:
        return []


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _text(message: EmailMessage, name: str) -> str:
    try:
        return _printable(str(message.get(name, "")))
    except Exception:  # a header that the parser can't take must not hide the mail
        return ""


def _decoded(name: str, value: object) -> str:
    try:
        return str(email.policy.default.header_fetch_parse(name, str(value)))
    except Exception:
        return str(value)


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError, AttributeError):
        return ""


def _attachments(message: EmailMessage) -> list[EmailMessage]:
    try:
        return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
    except (AttributeError, KeyError):
        return []


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
