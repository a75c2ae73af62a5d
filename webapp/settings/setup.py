"""First start: seven steps, each of which can be left and taken up again. All but the first two can be skipped."""

from dataclasses import dataclass

from flask import current_app, url_for
from sqlalchemy import column, exists, select, table
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.mail.models import Mailing
from webapp.mail.states import State
from webapp.settings import servers, store, trial
from webapp.settings.models import Setting

FOLDER = "folder"
SKIPPABLE = ("identity", "server", "test", "import", "message")


@dataclass(frozen=True)
class Step:
    """`state` is "done", "now" or empty; a skipped step is not done."""

    key: str
    title: str
    endpoint: str
    note: str = ""
    state: str = ""
    skipped: bool = False

    @property
    def done(self) -> bool:
        return self.state == "done"

    @property
    def url(self) -> str:
        return url_for(self.endpoint) if self.endpoint in current_app.view_functions else ""


def steps(session: Session, now: str = "") -> list[Step]:
    """All seven, as the set-up pages draw them; `now` is the key of the step that is on the screen."""
    notes = _notes(session)
    skipped = set(
        session.scalars(select(Setting.key).where(Setting.key.startswith("setup.", autoescape=True)))
    )
    return [
        Step(
            key,
            title,
            endpoint,
            note=notes[key] or ("Left for later" if f"setup.{key}" in skipped else ""),
            state="now" if key == now else "done" if notes[key] else "",
            skipped=f"setup.{key}" in skipped,
        )
        for key, title, endpoint in ORDER
    ]


def next_step(session: Session) -> Step | None:
    """The first step that is neither done nor skipped."""
    return next((step for step in steps(session) if not step.done and not step.skipped), None)


def unfinished(session: Session) -> list[Step]:
    """What is left to do, skipped steps included: the overview reminds of it."""
    return [step for step in steps(session) if not step.done]


def skip(session: Session, key: str) -> None:
    """Remember that a step is left for later. The first two can't be."""
    if key in SKIPPABLE:
        session.merge(Setting(key=f"setup.{key}", value="skipped"))
        session.flush()


def after(session: Session, key: str) -> Step | None:
    """The next open step behind this one, so that skipping never leads back."""
    keys = [one for one, _, _ in ORDER]
    behind = steps(session)[keys.index(key) + 1 :]
    return next((step for step in behind if not step.done and not step.skipped), None)


ORDER = (
    ("administrator", "Administrator", "accounts.profile"),
    ("network", "Your network", "settings.setup_network"),
    ("identity", "Identity", "settings.setup_identity"),
    ("server", "How mail leaves", "settings.setup_server"),
    ("test", "Test mail", "settings.setup_test"),
    ("import", "Import affiliates", "affiliates.import_start"),
    ("message", "First message", "broadcasts.new"),
)


def _notes(session: Session) -> dict[str, str]:
    """What each finished step says below its title; empty while it is not finished."""
    identity, server, test = store.identity(session), servers.default(session), trial.latest(session)
    first = session.scalar(select(User).order_by(User.id).limit(1))
    affiliates = table("affiliates", column("id"))  # by name: that feature lies above this one
    has_affiliates = session.scalar(select(exists().select_from(affiliates)))
    return {
        "administrator": first.name if first else "",
        "network": identity.network_name,
        "identity": identity.from_address,
        "server": server.name if server and (server.kind != FOLDER or _chosen(session)) else "",
        "test": test.address if test is not None and test.state == State.SENT else "",
        "import": "Done" if has_affiliates else "",
        "message": "Done" if session.scalar(select(exists().select_from(Mailing))) else "",
    }


def choose_server(session: Session) -> None:
    """Somebody decided how mail leaves, be it by the folder."""
    session.merge(Setting(key="chosen.server", value="yes"))
    session.flush()


def _chosen(session: Session) -> bool:
    return session.get(Setting, "chosen.server") is not None
