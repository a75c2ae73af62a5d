"""What `offerpost doctor` looks at outside the program: files, file systems, clocks, the store of the jobs, time zones."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from webapp.cli.finding import Finding
from webapp.db import UtcDateTime, utcnow
from webapp.desk import Desk
from webapp.errors import DomainError
from webapp.mail.models import SenderProcess
from webapp.settings import store

LITTLE_SPACE = 500 * 1024 * 1024
APART, FAR_APART = timedelta(seconds=5), timedelta(minutes=1)
MOUNTS = Path("/proc/self/mountinfo")
OVER_THE_NET = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs")
)


def key_file(desk: Desk) -> Iterator[Finding]:
    path = desk.config.key_file
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        said = f"{path.name} can be read by others (mode {mode:o})."
        yield Finding("key file", "fail", said, f"chmod 600 {path}")
    else:
        said = f"{path.name} is readable by its owner only. Backups never contain it: keep a copy."
        yield Finding("key file", "pass", said)


def database_file(desk: Desk) -> Iterator[Finding]:
    """SQLite needs a local disk: over a network its locks and its shared memory do not hold."""
    path = _sqlite_file(desk)
    if path is None:
        return
    system = file_system_of(path)
    if system in OVER_THE_NET:
        remedy = "Move OFFERPOST_HOME to a local disk, or use PostgreSQL (OFFERPOST_DATABASE_URL)."
        said = f"{path.name} lies on a network file system ({system}), where SQLite can be damaged."
        yield Finding("database file", "fail", said, remedy)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        said = f"{path.name} can be read by others (mode {mode:o})."
        yield Finding("database file", "warn", said, f"chmod 600 {path}*")
    if system not in OVER_THE_NET and not mode & 0o077:
        yield Finding("database file", "pass", f"{path.name} lies on a local disk ({system or 'unknown'}).")


def disk(desk: Desk) -> Iterator[Finding]:
    free = shutil.disk_usage(desk.config.home).free
    said = f"{free // 1024**2:,} MB are free where the instance lies."
    if free < LITTLE_SPACE:
        remedy = "Make room: without space no mail is sent, since its result could not be kept."
        yield Finding("disk", "warn", said, remedy)
    else:
        yield Finding("disk", "pass", said)


def clocks(desk: Desk) -> Iterator[Finding]:
    """Leases and schedules go by the clock, so the database, the senders and this machine must agree."""
    apart = [abs(moment - utcnow()) for moment in _other_clocks(desk)]
    most = max(apart, default=timedelta())
    said = f"Clocks are {most.total_seconds():.0f} s apart (this machine, database, senders)."
    if most > APART:
        remedy = "Let all machines take their time from NTP (systemd-timesyncd or chrony)."
        yield Finding("clocks", "fail" if most > FAR_APART else "warn", said, remedy)
    else:
        yield Finding("clocks", "pass", said)


def jobs(desk: Desk) -> Iterator[Finding]:
    kind = make_url(desk.config.jobs_url).get_backend_name()
    try:
        waiting = desk.jobs.waiting()
    except DomainError as error:
        yield Finding("jobs", "fail", f"The store of the jobs can't be used. {error}")
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        remedy = (
            "Check OFFERPOST_JOBS_URL and whether that server runs. Mail is sent all the same; imports wait."
        )
        yield Finding("jobs", "fail", f"The store of the jobs ({kind}) does not answer: {first}", remedy)
    else:
        yield Finding("jobs", "pass", f"The store of the jobs ({kind}) answers; {waiting} wait.")


def time_zone(desk: Desk) -> Iterator[Finding]:
    with desk.reading() as session:
        name = store.identity(session).timezone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = "Install the zones (apt install tzdata, or pip install tzdata), or set another zone."
        yield Finding("time zone", "fail", f"This machine does not know the zone {name}.", remedy)
    else:
        yield Finding("time zone", "pass", f"Times on the pages are those of {name}.")


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system on which a path lies, such as ext4 or nfs4; empty where nobody can tell."""
    if not mounts.exists():
        return ""
    best, kind = "", ""
    for line in mounts.read_text().splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        inside = os.path.commonpath((point, path.resolve())) == point
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def _sqlite_file(desk: Desk) -> Path | None:
    url = make_url(desk.config.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _other_clocks(desk: Desk) -> Iterator[datetime]:
    with desk.reading() as session:
        if _sqlite_file(desk) is None:
            yield session.execute(select(func.clock_timestamp(type_=UtcDateTime))).scalar_one()
        beat = session.scalar(select(func.max(SenderProcess.beat_at)))
    if beat is not None and beat > utcnow():  # a sender that is ahead; one behind looks like a silent one
        yield beat


CHECKS = (key_file, database_file, disk, clocks, jobs, time_zone)
