"""The text part, made from the HTML: the same words in the same order, links written out, nothing that is hidden."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from webapp.mail.tokens.markup import Comment, Piece, Raw, Tag, Words
from webapp.mail.tokens.spelling import as_text

WIDTH = 76
_BLANKS = re.compile(r"[ \t\n\r\f\xa0]+")
_FILLERS = re.compile("[\u034f\u00ad\ufeff\u200b]")
_PARAGRAPHS_NAMES = "p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre dl hr center address section article"
_PARAGRAPHS = frozenset(_PARAGRAPHS_NAMES.split())
_LINES_NAMES = "div tr li dt dd caption header footer main nav figure figcaption body html thead tbody tfoot"
_LINES = frozenset(_LINES_NAMES.split())
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_CONTACT = re.compile(r"(?:mailto|tel|sms):", re.IGNORECASE)


def text_of(
    source: str,
    pieces: list[Piece],
    same: Callable[[str], str] = str,
    block_word: Callable[[str], str] | None = None,
) -> str:
    """The text of an HTML document. `same` turns two spellings of one token into one, to find links that name themselves.

    A comment of which `block_word` says `if`, `each`, `else` or `end` is a part of a block and kept in its place.
    """
    return _Converter(source, same, block_word or _no_block).convert(pieces)


def _no_block(_comment: str) -> str:
    return ""


_AHEAD = 50  # pieces to look at for what a block begins with


@dataclass(slots=True)
class _Block:
    """An open block: whether it holds whole lines, and whether an empty line was due before it and behind its first half."""

    of_lines: bool
    blank_before: bool = False
    blank_then: bool = False


class _Converter:
    def __init__(self, source: str, same: Callable[[str], str], block_word: Callable[[str], str]) -> None:
        self.source = source
        self.same = same
        self.block_word = block_word
        self.opened: list[_Block] = []
        self.bare: set[int] = (
            set()
        )  # lines that are only a part of a block: nothing is shown of them, not even a break
        self.started = self.spaced = False
        self.lines: list[str] = []
        self.line: list[str] = []
        self.blank_before = False
        self.gap = ""
        self.ordered: list[bool] = []
        self.items: list[int] = []
        self.indent = ""
        self.hidden: list[str] = []
        self.links: list[tuple[str, int, int]] = []
        self.pre = 0
        self.mark = ""

    def convert(self, pieces: list[Piece]) -> str:
        for number, piece in enumerate(pieces):
            if isinstance(piece, Comment):
                self._block(self.source[piece.start : piece.end], pieces[number + 1 : number + _AHEAD])
            elif isinstance(piece, Raw) or (isinstance(piece, Words | Tag) and piece.conditional):
                continue
            elif isinstance(piece, Words):
                self._words(as_text(self.source[piece.start : piece.end]))
            elif isinstance(piece, Tag):
                self._tag(piece)
        self._end_line()
        joined = "".join(
            line if number in self.bare else f"{line}\n" for number, line in enumerate(self.lines)
        )
        return joined.strip("\n") + "\n"

    def _words(self, text: str) -> None:
        if self.hidden:
            return
        text = _FILLERS.sub("", text)
        if self.pre:
            first, *others = text.split("\n")
            self._add(first)
            for line in others:
                self._end_line()
                self._add(line)
            return
        flat = _BLANKS.sub(" ", text)
        if flat.startswith(" ") and not self.gap and not self.spaced:
            self.gap = " "
        if words := flat.strip(" "):
            self._add(words)
            self.gap = " " if flat.endswith(" ") else ""

    def _add(self, text: str) -> None:
        if self.started and self.gap:
            self.line.append(self.gap)
        self.gap = ""
        if text:
            self.line += [self.mark, text] if self.mark else [text]
            self.mark = ""
            self.started, self.spaced = True, False

    def _block(self, comment: str, following: list[Piece]) -> None:
        """Keep a part of a block: on a line of its own around lines, otherwise between the words."""
        word = "" if self.hidden else self.block_word(comment)
        if word in ("if", "each"):
            self.opened.append(_Block(self._begins_lines(following)))
        if not word or not self.opened:
            return
        if self.opened[-1].of_lines:
            self._between_lines(comment, word, self.opened[-1])
        else:
            spaced = bool(self.gap) or self.spaced
            self._add("")
            self.line += [self.mark, comment] if self.mark else [comment]
            self.mark = ""
            self.spaced = spaced
        if word == "end":
            self.opened.pop()

    def _between_lines(self, comment: str, word: str, block: "_Block") -> None:
        self._end_line()
        if word == "else":
            block.blank_then, self.blank_before = self.blank_before, block.blank_before
        elif word == "end":
            self.blank_before = self.blank_before or block.blank_then
        else:
            block.blank_before = self.blank_before
        self.bare.add(len(self.lines))
        self.lines.append(comment)
        if self.ordered:
            self.ordered[-1] = False  # how many items there will be is not known

    def _begins_lines(self, following: list[Piece]) -> bool:
        for piece in following:
            if isinstance(piece, Tag):
                return piece.name in _PARAGRAPHS or piece.name in _LINES
            if not isinstance(piece, Comment) and self.source[piece.start : piece.end].strip():
                return False
        return False

    def _tag(self, tag: Tag) -> None:
        if self.hidden:
            self._inside_hidden(tag)
            return
        if not tag.closing and self._hides(tag):
            self.hidden.append(tag.name)
            return
        if tag.name in _PARAGRAPHS:
            self._end_line()
            self.blank_before = self.blank_before or not self.mark
        elif tag.name in _LINES:
            self._end_line()
        handler = getattr(self, f"_on_{tag.name}", None) if tag.name in _HANDLED else None
        if handler:
            handler(tag)

    def _inside_hidden(self, tag: Tag) -> None:
        if tag.name == self.hidden[0]:
            if tag.closing:
                self.hidden.pop()
            else:
                self.hidden.append(tag.name)

    def _hides(self, tag: Tag) -> bool:
        if tag.name in ("br", "img", "hr", "meta", "link", "input", "col", "body", "html"):
            return False
        return any(attribute.name == "hidden" for attribute in tag.attributes) or bool(
            _HIDING.search(self._attribute(tag, "style"))
        )

    def _on_br(self, tag: Tag) -> None:
        self._end_line(keep_empty=True)

    def _on_hr(self, tag: Tag) -> None:
        self._add("-" * 30)
        self._end_line()
        self.blank_before = True

    def _on_img(self, tag: Tag) -> None:
        self._words(as_text(self._attribute(tag, "alt")))

    def _on_td(self, tag: Tag) -> None:
        if tag.closing and self.line:
            self.gap = "  "

    _on_th = _on_td

    def _on_pre(self, tag: Tag) -> None:
        self.pre = max(0, self.pre + (-1 if tag.closing else 1))

    def _on_ul(self, tag: Tag) -> None:
        self._list(tag, ordered=False)

    def _on_ol(self, tag: Tag) -> None:
        self._list(tag, ordered=True)

    def _list(self, tag: Tag, *, ordered: bool) -> None:
        if not tag.closing:
            self.ordered.append(ordered)
            self.items.append(0)
        elif self.items:
            self.ordered.pop()
            self.items.pop()
        inner = len(self.items) > (0 if tag.closing else 1)
        self.blank_before = self.blank_before and not inner

    def _on_li(self, tag: Tag) -> None:
        if tag.closing:
            return
        self.mark = "- "
        self.indent = "  " * min(max(len(self.items) - 1, 0), 8)
        if not self.items:
            return
        self.items[-1] += 1
        if self.ordered[-1]:
            self.mark = f"{self.items[-1]}. "
        if self.items[-1] > 1:
            self.blank_before = False

    def _on_a(self, tag: Tag) -> None:
        if not tag.closing:
            self.links.append((self._attribute(tag, "href"), len(self.lines), len(self.line)))
        elif self.links:
            href, line, start = self.links.pop()
            self._write_link(
                as_text(href).strip(), "".join(self.line[start:]) if line == len(self.lines) else "…"
            )

    def _write_link(self, href: str, shown: str) -> None:
        bare = self.same(_CONTACT.sub("", href))
        if href.startswith("#") or not bare or self.same(shown.strip()) in (bare, self.same(href)):
            return
        if (
            shown.strip()
            and bare.removeprefix("https://").removeprefix("http://").rstrip("/") == shown.strip()
        ):
            return
        self.gap = " " if self.line else ""
        self._add(f"({href})" if shown.strip() else href)

    def _attribute(self, tag: Tag, name: str) -> str:
        for attribute in tag.attributes:
            if attribute.name == name:
                return self.source[attribute.start : attribute.end]
        return ""

    def _end_line(self, *, keep_empty: bool = False) -> None:
        text = "".join(self.line).rstrip(" ")
        self.line.clear()
        self.gap = ""
        self.started = self.spaced = False
        if not text and not keep_empty:
            return
        if self.blank_before and len(self.lines) > len(self.bare) and self.lines[-1]:
            self.lines.append("")
        if text or not self.lines or self.lines[-1]:
            self.lines += [text] if self.pre else _wrapped(text, self.indent, self.same)
        self.blank_before = False
        self.indent = ""


_HANDLED = frozenset(name.removeprefix("_on_") for name in vars(_Converter) if name.startswith("_on_"))


def _wrapped(text: str, indent: str, same: Callable[[str], str]) -> list[str]:
    hang = indent + ("  " if text.startswith("- ") else "")
    lines, line, width = [], indent, len(indent)
    for word in text.split(" "):
        length = len(same(word)) + 1  # a token counts as long as its name: what will stand there is not known
        if width + length > WIDTH + 1 and line.strip():
            lines.append(line.rstrip(" "))
            line, width = hang, len(hang)
        line += f"{word} "
        width += length
    return [*lines, line.rstrip(" ")]
