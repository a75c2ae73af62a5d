"""One instance under trial: affiliates and mailings by its own services, sent by real workers, judged in the end."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

from sqlalchemy import select, text, update

from tests.chaos.senders import PATIENCE, Sender, until
from tests.chaos.witness import Taken, Witness
from tests.mail.conftest import add_affiliates, draft, everybody
from webapp.config import Config
from webapp.db import utcnow
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.enqueue import start_mailing
from webapp.mail.states import FINAL
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.opening import row_name
from webapp.wiring import open_desk

USER, CANARY = "desk", "kanarienvogel-9f3b"  # the password, which must not come up in any log
HASTY = """
from transports.hookspecs import hookimpl
from transports.smtp.patience import Patience
from transports.smtp.transport import SmtpTransport

class Hasty(SmtpTransport):
    kind, label, summary = "hasty", "Hasty SMTP", "SMTP that does not wait long."
    patience = Patience(connect=2, handshake=2, greeting=2, command=1.5, data=2, body=3, dot=1.5, pauses=(0.1, 0.2))

@hookimpl
def register_transports():
    return [Hasty]
"""


class Trial:
    """What a test holds in its hands. `expected` must have a row each; `resent` are mailed twice on purpose."""

    def __init__(self, home: Path, witness: Witness, chance: random.Random, environ: dict[str, str]) -> None:
        self.home, self.witness, self.chance = home, witness, chance
        self.environ = {
            "OFFERPOST_HOME": str(home),
            "OFFERPOST_ALLOW_HOSTS": f"127.0.0.1:{witness.port},localhost:{witness.port}",
            "OFFERPOST_LEASE_SECONDS": "20",
            "OFFERPOST_REST_SECONDS": "5",
        } | environ
        (home / "plugins").mkdir(parents=True, exist_ok=True)
        (home / "plugins" / "hasty.py").write_text(HASTY)
        self.desk = open_desk(Config.from_environment(self.environ))
        self.expected: list[str] = []
        self.resent: set[str] = set()
        self.senders: list[Sender] = []
        self.taken: Callable[[], list[Taken]] = witness.taken
        self.log = home.parent / f"{home.name}.log"
        self.tally: dict[str, int] = {}

    def use(self, kind: str = "smtp", connections: int = 4, **values: object) -> int:
        """Make a server of this kind the default; SMTP ones with a user and the canary as password."""
        smtp = {"host": "127.0.0.1", "port": self.witness.port, "security": "none", "helo_name": "localhost"}
        secret = {}
        if kind in ("smtp", "hasty"):
            values = smtp | {"username": USER, "auth": "plain"} | values
            secret = {"password": CANARY}
        elif kind == "ses":
            secret = {"secret_access_key": str(values.pop("secret"))}
        with self.desk.session() as session:
            session.execute(update(MailServer).values(is_default=False))
            server = MailServer(
                public_id=kind, name=kind, kind=kind, values=values, is_default=True, connections=connections
            )
            session.add(server)
            session.flush()
            for field, word in secret.items():
                sealed = self.desk.vault.encrypt(word, row=row_name(server.id, field))
                session.add(MailServerSecret(server_id=server.id, field=field, sealed=sealed))
            return server.id

    def mail(self, people: int | list[str], *, html: str = "", **options: object) -> int:
        """Start a mailing to so many new affiliates; its id."""
        addresses = people if isinstance(people, list) else [f"p{n}@x.example" for n in range(people)]
        content = draft(html=html) if html else draft()
        arguments = {
            "content": content,
            "kind": "announcement",
            "server_id": None,
            "created_by": None,
        } | options
        with self.desk.session() as session:
            add_affiliates(session, addresses)
            mailing = start_mailing(session, audience=everybody(), **arguments)  # type: ignore[arg-type]
            self.expected += addresses
            return mailing.id

    def work(self, *options: str, prepare: Callable[[], None] | None = None, **environ: str) -> Sender:
        """Start a worker."""
        sender = Sender(self.environ | environ, self.log, *options, prepare=prepare)
        self.senders.append(sender)
        return sender

    def states(self) -> Counter[str]:
        with self.desk.reading() as session:
            return Counter(session.scalars(select(OutboxMail.state)))

    def count(self, state: str) -> int:
        return self.states()[state]

    def mailing(self, mailing_id: int) -> Mailing:
        with self.desk.reading() as session:
            return session.get_one(Mailing, mailing_id)

    def paused(self) -> str:
        """Why the default server is paused, or an empty text."""
        with self.desk.reading() as session:
            return session.scalar(select(MailServer.paused_reason).where(MailServer.is_default)) or ""

    def settle(self, seconds: float = PATIENCE) -> Counter[str]:
        """Wait until every mail is final."""
        try:
            until(lambda: set(self.states()) <= {state.value for state in FINAL}, seconds)
        except AssertionError:
            raise AssertionError(f"not settled: {dict(self.states())}\n{self.said()[-3000:]}") from None
        return self.states()

    def until_taken(self, count: int) -> None:
        until(lambda: len(self.witness.inbox) >= count, what=f"mail number {count}")

    def let_time_pass(self) -> None:
        """The delay of deferred mails is over, as far as the database knows."""
        with self.desk.session() as session:
            session.execute(
                update(OutboxMail).where(OutboxMail.state == "deferred").values(not_before=utcnow())
            )

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def close(self) -> None:
        for sender in self.senders:
            with contextlib.suppress(OSError):
                if sender.alive:
                    sender.kill_all()
        self.desk.close()


def files_in(folder: Path) -> Callable[[], list[Taken]]:
    """The record of the transport `folder`: what lies in it."""

    def taken() -> list[Taken]:
        mails = [message_from_bytes(path.read_bytes()) for path in folder.rglob("*.eml")]
        return [Taken(str(mail["Message-ID"]), parseaddr(str(mail["To"]))[1]) for mail in mails]

    return taken


def hold_lock(trial: Trial) -> Callable[[], None]:
    """Another program takes the SQLite database for itself; returns what lets go of it."""
    connection = trial.desk.engine.raw_connection()
    connection.cursor().execute("BEGIN EXCLUSIVE")

    def let_go() -> None:
        connection.cursor().execute("ROLLBACK")
        connection.close()

    return let_go


def execute(trial: Trial, statement: str, **values: object) -> None:
    with trial.desk.session() as session:
        session.execute(text(statement), values)
