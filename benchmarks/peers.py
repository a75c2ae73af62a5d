"""Fetches the programs that Offerpost is compared with into build/bench, by the machine's ordinary package managers."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "bench"
PYPI_LOCK = ROOT / "requirements" / "bench.txt"
NODE_FOLDER = ROOT / "benchmarks" / "nodemailer"


@dataclass
class Peers:
    """Where each was put; None with a reason in `missing` where it can't be had."""

    postfix: Path | None = None
    python: Path | None = None
    node: Path | None = None
    sisimai: Path | None = None
    missing: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        """For their processes: libraries and modules out of the fetched folders, no daemon's configuration."""
        config = HOME / "postfix-config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "main.cf").touch()
        extra = {"MAIL_CONFIG": str(config), "PYTHONPATH": str(ROOT)}
        if self.postfix is not None:
            extra["LD_LIBRARY_PATH"] = str(self.postfix / "usr" / "lib" / "postfix")
        if self.python is not None:
            extra["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(self.python)])
        return {**os.environ, **extra}


def fetch() -> Peers:
    """Get what is not there yet."""
    peers = Peers(missing={"Go smtppool": "neither PyPI, npm nor Debian has it"})
    peers.postfix = _try(peers, "Postfix smtp-source", _postfix)
    peers.python = _try(peers, "Django, aiosmtplib, flufl.bounce", _from_pypi)
    peers.node = _try(peers, "Nodemailer", _from_npm)
    peers.sisimai = _try(peers, "Sisimai", _sisimai)
    return peers


def _try(peers: Peers, name: str, get: Callable[[], Path]) -> Path | None:
    try:
        return get()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        peers.missing[name] = (said.strip().splitlines() or ["?"])[-1][:150]
        print(f"{name} is not available: {peers.missing[name]}", file=sys.stderr)
        return None


def _postfix() -> Path:
    """Only unpacked, never installed: no daemon starts, nothing of the machine changes."""
    if shutil.which("smtp-sink", path="/usr/sbin"):
        return Path("/")
    folder = HOME / "postfix"
    if not (folder / "usr" / "sbin" / "smtp-sink").exists():
        fetched = _empty(HOME / "debian")
        _run(["apt-get", "-q", "download", "postfix"], fetched)
        _run(["dpkg", "-x", str(next(fetched.glob("postfix_*.deb"))), str(_empty(folder))], fetched)
    return folder


def _sisimai() -> Path:
    """Its Perl modules, unpacked beside those that it needs."""
    folder = HOME / "sisimai"
    if not (folder / "usr" / "share" / "perl5" / "Sisimai.pm").exists():
        fetched = _empty(HOME / "sisimai-packages")
        _run(
            ["apt-get", "-q", "download", "libsisimai-perl", "libclass-accessor-lite-perl", "libjson-perl"],
            fetched,
        )
        _empty(folder)
        for package in fetched.glob("*.deb"):
            _run(["dpkg", "-x", str(package), str(folder)], fetched)
    return folder


def _from_pypi() -> Path:
    folder = HOME / "python"
    if _is_new(folder, PYPI_LOCK):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        _run([*pip, "--require-hashes", "--target", str(_empty(folder)), "-r", str(PYPI_LOCK)], ROOT)
        _mark(folder, PYPI_LOCK)
    return folder


def _from_npm() -> Path:
    folder, lock = HOME / "node", NODE_FOLDER / "package-lock.json"
    if _is_new(folder, lock):
        _empty(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_FOLDER / name, folder)
        _run(["npm", "ci", "--ignore-scripts", "--silent"], folder)
        _mark(folder, lock)
    return folder


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=180)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _digest(lock: Path) -> str:
    return sha256(lock.read_bytes()).hexdigest()


def _is_new(folder: Path, lock: Path) -> bool:
    mark = folder / ".lock-digest"
    return not mark.exists() or mark.read_text() != _digest(lock)


def _mark(folder: Path, lock: Path) -> None:
    (folder / ".lock-digest").write_text(_digest(lock))


def versions(peers: Peers) -> list[str]:
    """What took part, for the report."""
    import sqlite3

    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    if peers.postfix is not None:
        found.append(f"Postfix {_postfix_version()}")
    if peers.python is not None:
        names = (path.name.removesuffix(".dist-info") for path in peers.python.glob("*.dist-info"))
        found += sorted(
            name.replace("-", " ") for name in names if name.lower().startswith(("django", "aiosmtplib"))
        )
    if peers.node is not None:
        import json

        package = json.loads((peers.node / "node_modules" / "nodemailer" / "package.json").read_text())
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
        found += [f"Node {node.strip().removeprefix('v')}", f"Nodemailer {package['version']}"]
    return found


def _postfix_version() -> str:
    for package in (HOME / "debian").glob("postfix_*.deb"):
        return package.name.split("_")[1]
    query = ["dpkg-query", "-W", "-f", "${Version}", "postfix"]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout or "of this machine"
