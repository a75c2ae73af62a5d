"""The kinds of lists that can be imported. Features declare theirs; `wiring` plugs in where each is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.errors import NotFound

if TYPE_CHECKING:
    from webapp.imports.plan import Importer, Planner
    from webapp.imports.seen import Seen

Mapped = dict[str, int]  # field → number of its column, from 0


@dataclass(frozen=True)
class Columns:
    """The fields of a list in the order of our own export, with what people call them and what other files call them.

    `aliases` maps a field to words separated by blanks, in small letters and without signs. `required` maps a field that
    must have a column to a clause about it: "holds the e-mail address".
    """

    labels: Mapping[str, str]
    aliases: Mapping[str, str]
    required: Mapping[str, str]
    words: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        words = {name.replace("_", ""): name for name in self.labels}
        words |= {word: name for name, found in self.aliases.items() for word in found.split()}
        object.__setattr__(self, "words", words)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.labels)


@dataclass(frozen=True)
class Kind:
    """One kind of list. `slug` is also the name of the blueprint whose pages import it.

    `importer` says what a user may do by a file, or raises NotAllowed. `stored` counts what an importer could have named.
    `sample` are pairs of a head and the fields that stand below it where new rows are shown.
    """

    slug: str
    one: str
    many: str
    matching: str
    columns: Columns
    sample: tuple[tuple[str, tuple[str, ...]], ...]
    importer: "Callable[[User], Importer]"
    planner: "Callable[[Session, Mapped, Importer, Seen], Planner]"
    stored: "Callable[[Session, Importer], int]"
    here: str


@dataclass(frozen=True)
class Part:
    """One list out of a file that holds several: of which kind, where it lies as CSV, and columns that stay out."""

    slug: str
    path: Path
    leaves_out: tuple[str, ...] = ()


class Splitter(Protocol):
    """Files that hold several lists at once, such as the JSON of a tracking platform."""

    def is_listing(self, path: Path) -> bool:
        """Whether the file is one."""

    def split(self, session: Session, source: Path, folder: Path) -> list[Part]:
        """Write its lists into `folder`, those that others refer to first; raises `Invalid` for `file`."""


_found: dict[str, str] = {}
SPLITTER = "splitter"


def plug(places: Mapping[str, str]) -> None:
    """Called once by the composition root: slug → "module:NAME". A module is loaded when its kind is first asked for."""
    _found.update(places)


def splitter() -> Splitter:
    """What takes files apart that hold several lists."""
    return cast(Splitter, import_module(_found[SPLITTER]))


def kind_of(slug: str) -> Kind:
    """The kind of that slug."""
    if slug not in _found:
        raise NotFound(f"There is no list called “{slug}”.")
    module, _, name = _found[slug].partition(":")
    return cast(Kind, getattr(import_module(module), name))
