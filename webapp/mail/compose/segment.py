"""A run of encoded literals with room for values and for blocks. A block is made of such runs itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from webapp.mail.compose.quoted_printable import Writer
from webapp.mail.compose.template import Choice, Loop, Rendering, Template
from webapp.mail.compose.values import Place, Use, uses_of
from webapp.mail.dkim.canonical import single_blanks
from webapp.mail.tokens.lists import items_of

LARGEST = 4 * 1024 * 1024

Values = Mapping[str, str]


class TooLarge(ValueError):
    """The mail of one recipient would be larger than any mail server takes."""


class Segment:
    """`literals` are one more than `order`, which has the number of a value or, counted on, of a block."""

    def __init__(
        self, uses: Sequence[Use], blocks: "Sequence[Block]", literals: list[bytes], order: list[int]
    ) -> None:
        self._uses = [(use.key, use) for use in uses]
        self._blocks = blocks
        self._format = _format(literals)
        canonical = _format([single_blanks(literal) for literal in literals])
        self._canonical = None if canonical == self._format else canonical
        self._in_order = _picker(order)
        self.is_canonical: bool = self._canonical is None and all(block.is_canonical for block in blocks)

    @classmethod
    def of_block(cls, template: Template) -> "Segment":
        """A segment that begins and ends at column 0."""
        uses, numbers = uses_of(slot for slot in template.slots if isinstance(slot, Rendering))
        blocks = [Block(slot) for slot in template.slots if not isinstance(slot, Rendering)]
        writer = Writer(of_block=True)
        write(writer, template, numbers, iter(range(len(numbers), len(numbers) + len(blocks))))
        return cls(uses, blocks, writer.finish_block(), writer.slots)

    def fill(self, values: Values) -> bytes:
        """The bytes for one recipient."""
        encoded = self._values(values)
        if self._blocks:
            encoded += [block.fill(values) for block in self._blocks]
        return self._format % self._in_order(encoded)

    def fill_to_sign(self, values: Values) -> tuple[bytes, bytes]:
        """The bytes, and the same with single blanks."""
        if self.is_canonical:
            filled = self.fill(values)
            return filled, filled
        encoded = self._values(values)
        both = [block.fill_to_sign(values) for block in self._blocks]
        filled = self._format % self._in_order([*encoded, *(wire for wire, _ in both)])
        canonical = self._format if self._canonical is None else self._canonical
        return filled, canonical % self._in_order([*encoded, *(single for _, single in both)])

    def _values(self, values: Values) -> list[bytes]:
        encoded: list[bytes] = []
        for key, use in self._uses:
            value = values.get(key, "")
            encoded += use.seen.get(value) or use.encoded(value)
        return encoded


class Block:
    """A choice between two segments, or one segment for each item of a list."""

    def __init__(self, slot: Choice | Loop) -> None:
        self._condition = slot.condition if isinstance(slot, Choice) else None
        self._key = slot.key if isinstance(slot, Loop) else ""
        texts = (slot.then, slot.otherwise) if isinstance(slot, Choice) else (slot.body,)
        self._segments = [Segment.of_block(text) for text in texts]
        self.is_canonical: bool = all(segment.is_canonical for segment in self._segments)

    def fill(self, values: Values) -> bytes:
        return b"".join(_bounded(segment.fill(own) for segment, own in self._shown(values)))

    def fill_to_sign(self, values: Values) -> tuple[bytes, bytes]:
        both = [segment.fill_to_sign(own) for segment, own in self._shown(values)]
        return b"".join(_bounded(wire for wire, _ in both)), b"".join([single for _, single in both])

    def _shown(self, values: Values) -> list[tuple[Segment, Values]]:
        if self._condition is not None:
            return [(self._segments[0 if self._condition.holds(values) else 1], values)]
        return [(self._segments[0], {**values, **item}) for item in items_of(values.get(self._key, ""))]


def _bounded(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST:
            raise TooLarge(f"the mail is larger than {LARGEST >> 20} MB; show fewer items or less of each")
        yield part


def write(writer: Writer, template: Template, numbers: Mapping[Place, int], blocks: Iterator[int]) -> None:
    """Encode a template. Its tokens have their places' `numbers`, its blocks take the next of `blocks`."""
    writer.text(template.literals[0])
    for slot, literal in zip(template.slots, template.literals[1:], strict=True):
        if isinstance(slot, Rendering):
            writer.slot(numbers[slot.key, slot.default, slot.multiline, slot.write])
        else:
            writer.block(next(blocks))
        writer.text(literal)


def _format(literals: list[bytes]) -> bytes:
    return b"%b".join(literal.replace(b"%", b"%%") for literal in literals)


def _picker(order: list[int]) -> Callable[[list[bytes]], tuple[bytes, ...]]:
    if len(order) > 1:
        return itemgetter(*order)
    return tuple  # no value, or the only one
