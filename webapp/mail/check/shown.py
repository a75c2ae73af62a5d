"""What of an HTML mail is seen, how large and in which colours: words, links and images with their lines.

Reads inline styles and attributes only: mail leaves us with its styles inlined, and filters look no further.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from webapp.mail.check.colours import WHITE, Colour, colour, contrast
from webapp.mail.tokens.markup import VOID, Piece, Tag, Words
from webapp.mail.tokens.parser import Lines
from webapp.mail.tokens.spelling import as_text

DEEPEST = 100
SAME = 1.3  # below this contrast words are as good as hidden
_SIZE = re.compile(r"([0-9]{0,5}(?:\.[0-9]{1,4})?)\s*(px|pt|em|rem|%)?")
_PIXELS = {"px": 1.0, "": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
_GONE = (("display", "none"), ("visibility", "hidden"), ("opacity", "0"))


@dataclass(frozen=True, slots=True)
class Look:
    """How words appear. `size` is in pixels; `gone` says why they are not seen at all."""

    gone: str = ""
    size: float = 16.0
    ink: Colour | None = None
    ground: Colour = WHITE

    @property
    def unseen(self) -> str:
        """Why nobody sees them, or ""."""
        if self.gone:
            return self.gone
        if self.size < 2:
            return f"font-size {self.size:g}px"
        return "the colour of the ground" if self.ink and contrast(self.ink, self.ground) < SAME else ""


@dataclass(slots=True)
class Run:
    """Words without a tag between them."""

    text: str
    line: int
    look: Look


@dataclass(slots=True)
class Link:
    href: str
    line: int
    runs: list[Run] = field(default_factory=list)
    pictures: int = 0

    @property
    def words(self) -> str:
        return " ".join("".join(run.text for run in self.runs).split())


@dataclass(frozen=True, slots=True)
class Image:
    """`alt` is None where the attribute is missing, which is not the same as an empty one."""

    src: str
    alt: str | None
    line: int
    dot: bool


@dataclass(slots=True)
class Shown:
    runs: list[Run] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What people can read, in its order."""
        return " ".join(" ".join(run.text for run in self.runs if not run.look.unseen).split())


def look(html: str, pieces: Sequence[Piece]) -> Shown:
    """Everything that a mail program other than Outlook would draw."""
    return _Eye(html).over(pieces)


class _Eye:
    def __init__(self, html: str) -> None:
        self._html = html
        self._lines = Lines(html)
        self._open: list[tuple[str, Look]] = [("", Look())]
        self._link: Link | None = None
        self._shown = Shown()

    def over(self, pieces: Sequence[Piece]) -> Shown:
        for piece in pieces:
            if isinstance(piece, Words) and not piece.conditional:
                self._words(piece)
            elif isinstance(piece, Tag) and not piece.conditional:
                self._close(piece) if piece.closing else self._begin(piece)
        return self._shown

    def _words(self, piece: Words) -> None:
        text = as_text(self._html[piece.start : piece.end])
        if text.strip():
            run = Run(text, self._lines.at(piece.start), self._open[-1][1])
            self._shown.runs.append(run)
            if self._link:
                self._link.runs.append(run)

    def _begin(self, tag: Tag) -> None:
        values = {
            one.name: as_text(self._html[one.start : one.end]).strip() for one in reversed(tag.attributes)
        }
        if tag.name == "img":
            self._image(tag, values)
        if tag.name == "a" and values.get("href"):
            self._link = Link(values["href"], self._lines.at(tag.start))
            self._shown.links.append(self._link)
        if tag.name not in VOID and len(self._open) < DEEPEST:
            self._open.append((tag.name, _inside(self._open[-1][1], values)))

    def _close(self, tag: Tag) -> None:
        if tag.name == "a":
            self._link = None
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at][0] == tag.name:
                del self._open[at:]
                break

    def _image(self, tag: Tag, values: dict[str, str]) -> None:
        dot = any(values.get(name, "").removesuffix("px") in ("0", "1") for name in ("width", "height"))
        self._shown.images.append(
            Image(values.get("src", ""), values.get("alt"), self._lines.at(tag.start), dot)
        )
        if self._link:
            self._link.pictures += 1


def _inside(around: Look, values: dict[str, str]) -> Look:
    css = _declared(values.get("style", ""))
    gone = next((f"{name}:{value}" for name, value in _GONE if css.get(name, "") == value), "")
    if "hidden" in values:
        gone = gone or "the attribute hidden"
    ground = colour(css.get("background-color") or css.get("background") or values.get("bgcolor", ""))
    ink = colour(css.get("color") or values.get("color", ""))
    return replace(
        around,
        gone=around.gone or gone,
        size=_pixels(css.get("font-size", ""), around.size),
        ink=ink or around.ink,
        ground=ground or around.ground,
    )


def _declared(style: str) -> dict[str, str]:
    pairs = (one.partition(":") for one in style.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _pixels(text: str, otherwise: float) -> float:
    found = _SIZE.fullmatch(text)
    return float(found[1]) * _PIXELS[found[2] or ""] if found and found[1] not in ("", ".") else otherwise
