"""The transport of a fresh instance: every mail becomes an .eml file below the instance's `mail/`."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from pathlib import Path

from transports.checks import Check, Step, Verdict
from transports.contract import Capability, Delivery, OutgoingMail, Settings, Stage, Status, Transport
from transports.errors import PermanentError, SettingsError, TemporaryError, TransportError
from transports.fields import FieldProblem, Text

SLUG = r"[a-z0-9][a-z0-9_-]{0,39}"


class FolderTransport(Transport):
    """Accepted means: the file is on the disk."""

    contract = 1
    kind = "folder"
    label = "Folder on this machine"
    summary = "Writes each mail as a file that you can read here. Nothing leaves this machine."
    fields = (
        Text(
            "name",
            "Folder name",
            help="Lower-case letters, digits, - and _. The folder lies in the mail folder of this instance.",
            default="outbox",
            max_length=40,
        ),
    )
    capabilities = frozenset({Capability.RETURN_PATH, Capability.IDEMPOTENT})

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        if re.fullmatch(SLUG, str(settings.get("name") or "")):
            return []
        reason = "Folder name may hold lower-case letters, digits, - and _ only, no path. Write for example outbox."
        return [FieldProblem("name", reason)]

    def send_one(self, mail: OutgoingMail) -> Delivery | None:
        folder = self._folder()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not mail.leaving():
                return None
            name = _file_name(mail)
            _write(folder, name, mail.to_bytes())
        except OSError as trouble:
            raise _told(trouble) from None
        return Delivery(
            mail.key, Status.ACCEPTED, Stage.API, provider_id=name, detail="Written to the folder."
        )

    def probe(self, sender: str) -> list[Check]:
        started = time.monotonic()
        verdict, words, remedies = Verdict.PASS, "The folder can be written.", tuple[str, ...]()
        try:
            folder = self._folder()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            trial = folder / ".trial"
            trial.write_bytes(b"")
            trial.unlink()
        except (OSError, TransportError) as trouble:
            told = _told(trouble) if isinstance(trouble, OSError) else trouble
            verdict, words, remedies = Verdict.FAIL, told.reason, (told.hint,)
        took = round((time.monotonic() - started) * 1000)
        skipped = [
            Check(step, Verdict.SKIP, words="Not needed for a folder.")
            for step in Step
            if step is not Step.CONNECT
        ]
        skipped.insert(1, Check(Step.CONNECT, verdict, words=words, remedies=remedies, took_ms=took))
        return skipped

    def _folder(self) -> Path:
        if self.net.mail_root is None:
            raise SettingsError("This instance has no mail folder.", hint="Choose another way of sending.")
        problems = self.check(self.settings)
        if problems:
            raise SettingsError(problems[0].reason, hint="Correct the folder name.")
        return self.net.mail_root / str(self.settings["name"])


def _file_name(mail: OutgoingMail) -> str:
    """The same name on every try, so that a second one makes no second mail; another one in every other instance."""
    key = re.sub(r"[^A-Za-z0-9-]", "", mail.key)[:40]
    digest = hashlib.sha256(f"{mail.key} {mail.header('Message-ID')}".encode()).hexdigest()[:10]
    return f"{key}-{digest}.eml"


def _write(folder: Path, name: str, content: bytes) -> None:
    """The whole file under its name, or nothing."""
    unfinished = folder / f".{name}"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(trouble: OSError) -> TransportError:
    detail = f"{type(trouble).__name__}: {trouble}"
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
        return TemporaryError(
            "The disk is full.", detail, hint="Make room, for example delete old mails.", retry_after=60
        )
    if isinstance(trouble, PermissionError):
        hint = "Give the user of Offerpost the right to write there."
        return PermanentError("The mail folder can't be written.", detail, hint=hint)
    return TemporaryError(
        "The mail could not be written to the folder.", detail, hint="Look at the mail folder."
    )
