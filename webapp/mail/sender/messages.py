"""What parent and child say to each other: one class a message, JSON on the way, checked against its types when it is read."""

import msgspec

from webapp.mail.dkim.signers import PlainKeys
from webapp.mail.sender.orders import Content, Job, Through
from webapp.mail.sender.results import Result
from webapp.mail.sender.trouble import Trouble


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first word to a child: where its files are and what it may reach."""

    journal: str
    generation: str
    plugins: str
    allow_hosts: list[str]
    mail_root: str


class Mails(msgspec.Struct, frozen=True, tag="mails"):
    """Mails to send within `seconds`. `keys` are the DKIM keys if they have changed."""

    through: Through
    seconds: float
    contents: list[Content]
    keys: PlainKeys | None
    mails: list[Job]
    shares: dict[str, int] = {}  # by recipient domain: how many of these may be on their way at once


class Recall(msgspec.Struct, frozen=True, tag="recall"):
    """As of this number of the spool, these mails must not leave any more."""

    generation: int
    ids: list[int]


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """The outcomes of these mails lie in the database."""

    ids: list[int]


class Hold(msgspec.Struct, frozen=True, tag="hold"):
    """Let nothing leave while `on`."""

    on: bool


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Ask this server, by its connection test, whether it is well again; `sender` is a from address of ours."""

    through: Through
    sender: str


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What became of a `Borrow` (the secret, or None while somebody else has it) or a `GiveBack`. Never printed."""

    number: int
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Answered(number={self.number})"


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Finish what is in flight, give back the rest, and end."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The child can take mails."""


class Results(msgspec.Struct, frozen=True, tag="results"):
    """Outcomes, each of them in the journal already."""

    results: list[Result]


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Which mails are recalled as of this number?"""

    generation: int


class Probed(msgspec.Struct, frozen=True, tag="probed"):
    """What the connection test said: passed, away, busy or unclear."""

    server_id: int
    answer: str
    words: str = ""


class Borrow(msgspec.Struct, frozen=True, tag="borrow"):
    """A child wants to use a secret that may be replaced by that. Never printed."""

    number: int
    given: str

    def __repr__(self) -> str:
        return f"Borrow(number={self.number})"


class GiveBack(msgspec.Struct, frozen=True, tag="give_back"):
    """It was used; `renewed` is its successor, if there is one. Never printed."""

    number: int
    given: str
    used: str
    renewed: str

    def __repr__(self) -> str:
        return f"GiveBack(number={self.number})"


class Troubled(msgspec.Struct, frozen=True, tag="trouble"):
    """A session with a mail server has ended."""

    trouble: Trouble


class Bye(msgspec.Struct, frozen=True, tag="bye"):
    """The child ends of its own accord."""


ToChild = Hello | Mails | Recall | Recorded | Hold | Probe | Answered | Stop
ToParent = Ready | Results | Ask | Probed | Borrow | GiveBack | Troubled | Bye
