"""Both bodies of a message as one format of bytes: what is the same for everybody is encoded already."""

from collections.abc import Iterator, Mapping

from webapp.mail.compose.quoted_printable import Writer
from webapp.mail.compose.segment import Block, Segment, write
from webapp.mail.compose.template import Rendering, Template
from webapp.mail.compose.values import Place, uses_of


class Body:
    """The multipart/alternative body: the text, then the HTML."""

    def __init__(self, text: Template, html: Template, boundary: str) -> None:
        slots = (*text.slots, *html.slots)
        uses, numbers = uses_of(slot for slot in slots if isinstance(slot, Rendering))
        blocks = [slot for slot in slots if not isinstance(slot, Rendering)]
        literals, order = _encoded(text, html, boundary.encode("ascii"), numbers)
        self._segment = Segment(uses, [Block(block) for block in blocks], literals, order)

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The body for one recipient."""
        return self._segment.fill(values)

    def fill_to_sign(self, values: Mapping[str, str]) -> tuple[bytes, bytes]:
        """The body, and its canonical form "relaxed" (RFC 6376 §3.4.4): without a pass over it.

        No line of an encoded body ends with a blank and no value holds two in a row, so that only literals can differ.
        """
        return self._segment.fill_to_sign(values)


def _encoded(
    text: Template, html: Template, boundary: bytes, numbers: Mapping[Place, int]
) -> tuple[list[bytes], list[int]]:
    """Literal, value, literal, …: the literals and the numbers of the values."""
    literals = [b""]
    order: list[int] = []
    blocks = iter(range(len(numbers), len(numbers) + len(text.slots) + len(html.slots)))
    for subtype, template in ((b"plain", text), (b"html", html)):
        literals[-1] += b"--" + boundary + b"\r\nContent-Type: text/" + subtype + b"; charset=utf-8\r\n"
        literals[-1] += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        first, *others = _part(template, numbers, blocks, order)
        literals[-1] += first
        literals += others
        literals[-1] += b"\r\n"
    literals[-1] += b"--" + boundary + b"--\r\n"
    return literals, order


def _part(
    template: Template, numbers: Mapping[Place, int], blocks: Iterator[int], order: list[int]
) -> list[bytes]:
    writer = Writer()
    write(writer, template, numbers, blocks)
    order += writer.slots
    return writer.finish()
