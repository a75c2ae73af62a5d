"""A real Dovecot on loopback, with a mailbox in a folder of the test's own."""

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

USER, PASSWORD = "bounces", "four-words-and-a-number-9"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
auth_mechanisms = plain
auth_failure_delay = 0
log_path = {home}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
{users}
first_valid_uid = 0
mail_uid = {uid}
mail_gid = {gid}
mail_location = maildir:{home}/mail
pop3_uidl_format = %g
mail_fsync = never
mail_max_userip_connections = 1000
default_vsz_limit = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home
}}
service imap-login {{
{chroot}  inet_listener imap {{
    port = {imap}
  }}
}}
service pop3-login {{
{chroot}  inet_listener pop3 {{
    port = {pop3}
  }}
}}
service anvil {{
{chroot}}}
"""


SERVER, LIBEXEC = Path("/usr/sbin/dovecot"), Path("/usr/lib/dovecot")


class Dovecot:
    """Running until `stop`. `ports`: imap, pop3; encryption stands in front of it (`front`)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        if not all(one.exists() for one in (SERVER, LIBEXEC / "imap", LIBEXEC / "pop3")):
            pytest.skip("Dovecot is missing: apt install dovecot-imapd dovecot-pop3d")
        self.ports = dict(zip(("imap", "pop3"), _free_ports(2), strict=True))
        uid, gid = os.getuid(), os.getgid()
        # Mail is never kept as root.
        self._owner = (uid, gid) if uid else pwd.getpwnam("nobody")[2:4]
        # As root it changes to the users of its package; else everything is done by whoever runs the tests.
        user, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
        own = f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}"
        users = {"users": own if uid else "", "chroot": "  chroot =\n" if uid else ""}
        text = CONFIG.format(
            home=home, uid=self._owner[0], gid=self._owner[1], password=PASSWORD, **users, **self.ports
        )
        (home / "dovecot.conf").write_text(text)
        (home / "mail").mkdir()
        os.chown(home / "mail", *self._owner)
        self._process = subprocess.Popen([SERVER, "-F", "-c", home / "dovecot.conf"], start_new_session=True)
        self._wait()

    def put(self, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Append mails to a folder, which is made if it is not there."""
        with self.client() as client:
            if folder != "INBOX":
                client.create(folder)
            for mail in mails:
                assert client.append(folder, None, None, mail)[0] == "OK"

    def fill(self, mails: Iterable[bytes]) -> None:
        """Lay many mails down at once, as files."""
        new = self.home / "mail" / "new"
        for part in ("new", "cur", "tmp"):
            (self.home / "mail" / part).mkdir(exist_ok=True)
            os.chown(self.home / "mail" / part, *self._owner)
        for number, mail in enumerate(mails):
            (new / f"{1_700_000_000 + number}.{number}.test").write_bytes(mail)

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of each mail of a folder."""
        with self.client() as client:
            if client.select(folder, readonly=True)[1] == [b"0"]:
                return []
            return [
                part.decode().partition("FLAGS (")[2].partition(")")[0]
                for part in client.fetch("1:*", "(FLAGS)")[1]
            ]

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.ports["imap"])
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def empty(self) -> None:
        shutil.rmtree(self.home / "mail", ignore_errors=True)
        (self.home / "mail").mkdir()
        os.chown(self.home / "mail", *self._owner)

    def forget_numbers(self) -> None:
        """Lose the list of numbers, as after a move to another disk: UIDVALIDITY becomes another one."""
        numbers = self.home / "mail" / "dovecot-uidlist"
        (validity,) = re.findall(r"V(\d+)", numbers.read_text())
        for path in (self.home / "mail").glob("dovecot*"):
            path.unlink()
        numbers.write_text(f"3 V{int(validity) + 9} N1\n")
        os.chown(numbers, *self._owner)

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Meanwhile nothing in the mailbox can be changed."""
        folders = [self.home / "mail" / part for part in ("cur", "new")]
        for folder in folders:
            folder.chmod(0o500)
        yield
        for folder in folders:
            folder.chmod(0o755)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)

    def _wait(self) -> None:
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            try:
                self.client().logout()
                return
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
        self.stop()
        raise AssertionError((self.home / "log").read_text() if (self.home / "log").exists() else "no log")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
