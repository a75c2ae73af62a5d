"""The file that `offerpost backup` writes: a compressed archive with a manifest. What comes back is checked before it is used."""

import gzip
import hashlib
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from webapp.errors import DomainError

FORMAT = "offerpost backup 1"
MANIFEST, DATABASE, SETTINGS = "manifest.json", "offerpost.db", "offerpost.toml"
PLUGIN = re.compile(r"plugins/[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.py")
SMALL = 1024 * 1024  # bytes of a manifest, a settings file or a plugin
MOST_MEMBERS = 200
BLOCK = 1024 * 1024


class BadArchive(DomainError):
    """The file is no backup, or not a whole one."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `files` holds size and SHA-256 of each member."""

    format: str
    version: str
    schema: str
    taken_at: str
    last_claim: int
    key: str  # which key file opens its secrets, without telling anything about the key
    counts: dict[str, int]
    files: dict[str, tuple[int, str]]

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)


def write(target: Path, files: Mapping[str, Path], about: Manifest) -> None:
    """Pack these files with their manifest; `target` appears whole or not at all, readable by its owner only."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                _pack_text(archive, MANIFEST, json.dumps(asdict(about), indent=2), draft.parent)
                for member, path in files.items():
                    archive.add(path, member, recursive=False, filter=_nameless)
            raw.flush()
            os.fsync(raw.fileno())
        os.link(draft, target)  # refuses to replace what is there
    except FileExistsError as error:
        raise DomainError(f"{target} is there already. Choose another name, or remove it first.") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, folder: Path, *, most: int) -> Manifest:
    """Unpack into an empty folder. Only the names that a backup has are taken, never more than `most` bytes in all."""
    try:
        with tarfile.open(source, mode="r|gz") as archive:
            first = archive.next()
            if first is None or first.name != MANIFEST or not first.isreg() or first.size > SMALL:
                raise BadArchive(_no_backup(source))
            about = _manifest(archive.extractfile(first))
            seen = set()
            while member := archive.next():
                seen.add(_unpack_member(archive, member, about, folder, most))
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, OSError, ValueError, TypeError, KeyError) as error:
        raise BadArchive(f"{_no_backup(source)} ({type(error).__name__})") from error
    if missing := about.files.keys() - seen:
        raise BadArchive(
            f"The backup is not whole: {', '.join(sorted(missing))} is missing. Take another one."
        )
    return about


def _unpack_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, about: Manifest, folder: Path, most: int
) -> str:
    name = member.name
    known = name in (DATABASE, SETTINGS) or PLUGIN.fullmatch(name)
    if not (known and member.isreg() and name in about.files and len(about.files) <= MOST_MEMBERS):
        raise BadArchive(f"The archive holds “{name[:80]}”, which no backup does. Nothing was restored.")
    limit = most if name == DATABASE else SMALL
    if member.size > limit:
        raise BadArchive(f"“{name}” is too large ({member.size:,} bytes; {limit:,} are allowed or free).")
    target = folder / name
    target.parent.mkdir(mode=0o700, exist_ok=True)
    source = archive.extractfile(member)
    assert source is not None
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := source.read(BLOCK):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if list(digest(target)) != list(about.files[name]):
        raise BadArchive(f"The backup is damaged: “{name}” is not what was saved. Take another one.")
    return name


def _manifest(file: IO[bytes] | None) -> Manifest:
    about = Manifest(**json.loads(file.read(SMALL))) if file is not None else None
    if about is None or about.format != FORMAT or about.time.tzinfo is None:
        raise ValueError("another format")
    return about


def _pack_text(archive: tarfile.TarFile, name: str, text: str, folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        archive.add(file.name, name, filter=_nameless)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _no_backup(source: Path) -> str:
    return f"{source} is no backup of Offerpost, or a damaged one."
