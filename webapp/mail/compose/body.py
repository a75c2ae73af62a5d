"""Both bodies of a message as one format of bytes: what is the same for everybody is encoded already."""

from collections.abc import Callable, Mapping
from operator import itemgetter

from webapp.mail.compose.quoted_printable import Writer
from webapp.mail.compose.template import Template
from webapp.mail.compose.values import Place, uses_of
from webapp.mail.dkim.canonical import single_blanks


class Body:
    """The multipart/alternative body: the text, then the HTML."""

    def __init__(self, text: Template, html: Template, boundary: str) -> None:
        uses, numbers = uses_of((*text.slots, *html.slots))
        self._uses = [(use.key, use) for use in uses]
        literals, order = _encoded(text, html, boundary.encode("ascii"), numbers)
        self._format = _format(literals)
        canonical = _format([single_blanks(literal) for literal in literals])
        self._canonical = canonical if canonical != self._format else None
        self._in_order = _picker(order)

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The body for one recipient."""
        return self._format % self._in_order(self._values(values))

    def fill_to_sign(self, values: Mapping[str, str]) -> tuple[bytes, bytes]:
        """The body, and its canonical form "relaxed" (RFC 6376 §3.4.4): without a pass over it.

        No line of an encoded body ends with a blank and no value holds two in a row, so that only literals can differ.
        """
        chosen = self._in_order(self._values(values))
        body = self._format % chosen
        return body, body if self._canonical is None else self._canonical % chosen

    def _values(self, values: Mapping[str, str]) -> list[bytes]:
        encoded: list[bytes] = []
        for key, use in self._uses:
            value = values.get(key, "")
            encoded += use.seen.get(value) or use.encoded(value)
        return encoded


def _encoded(
    text: Template, html: Template, boundary: bytes, numbers: Mapping[Place, int]
) -> tuple[list[bytes], list[int]]:
    """Literal, value, literal, …: the literals and the numbers of the values."""
    literals = [b""]
    order: list[int] = []
    for subtype, template in ((b"plain", text), (b"html", html)):
        writer = Writer()
        writer.text(template.literals[0])
        for slot, literal in zip(template.slots, template.literals[1:], strict=True):
            writer.slot(numbers[slot.key, slot.default, slot.multiline, slot.write])
            writer.text(literal)
        literals[-1] += b"--" + boundary + b"\r\nContent-Type: text/" + subtype + b"; charset=utf-8\r\n"
        literals[-1] += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        first, *others = writer.finish()
        literals[-1] += first
        literals += others
        literals[-1] += b"\r\n"
        order += writer.slots
    literals[-1] += b"--" + boundary + b"--\r\n"
    return literals, order


def _format(literals: list[bytes]) -> bytes:
    return b"%b".join(literal.replace(b"%", b"%%") for literal in literals)


def _picker(order: list[int]) -> Callable[[list[bytes]], tuple[bytes, ...]]:
    if len(order) > 1:
        return itemgetter(*order)
    return tuple  # no value, or the only one
