"""Text with slots, before it is encoded for the wire. A slot is a token, a choice between two texts, or a list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from webapp.mail.compose.escaping import clean
from webapp.mail.tokens.conditions import Condition, Mark
from webapp.mail.tokens.lists import LISTS, items_of

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one token is written in one kind of place. Equal renderings are worked out once for a mail."""

    key: str
    name: str
    default: str
    write: Callable[[str], str]
    multiline: bool

    def of(self, values: Values) -> str:
        """The text to put there, escaped for the place; the default when there is no value."""
        value = clean(values.get(self.key) or "", multiline=self.multiline)
        return self.write(value or self.default)

    def missing(self, values: Values) -> Iterator[str]:
        """The name of the token when the mail would have a hole there."""
        if not self.default and not (values.get(self.key) or "").strip():
            yield self.name


@dataclass(frozen=True, slots=True)
class Choice:
    """`then` when the condition holds for the recipient, else `otherwise`."""

    condition: Condition
    then: "Template"
    otherwise: "Template"

    def of(self, values: Values) -> str:
        return self.chosen(values).fill(values)

    def chosen(self, values: Values) -> "Template":
        return self.then if self.condition.holds(values) else self.otherwise

    def missing(self, values: Values) -> Iterator[str]:
        """Only what would be shown can be missing."""
        return self.chosen(values).missing(values)


@dataclass(frozen=True, slots=True)
class Loop:
    """`body` once for each item of a list."""

    key: str
    body: "Template"

    def of(self, values: Values) -> str:
        return "".join(self.body.fill({**values, **item}) for item in items_of(values.get(self.key, "")))

    def missing(self, values: Values) -> Iterator[str]:
        """An empty list is a value; a list that nobody has put in is a hole."""
        if self.key not in values:
            yield LISTS[self.key].name
        for item in items_of(values.get(self.key, "")):
            yield from self.body.missing({**values, **item})


Slot = Rendering | Choice | Loop


@dataclass(frozen=True, slots=True)
class Template:
    """Literal, slot, literal, …: one more literal than slots."""

    literals: tuple[str, ...]
    slots: tuple[Slot, ...]

    def fill(self, values: Values) -> str:
        """The text for one recipient."""
        parts = [self.literals[0]]
        for slot, literal in zip(self.slots, self.literals[1:], strict=True):
            parts += (slot.of(values), literal)
        return "".join(parts)

    def missing(self, values: Values) -> Iterator[str]:
        """Names of tokens that would leave a hole in this recipient's text."""
        for slot in self.slots:
            yield from slot.missing(values)

    def renderings(self) -> Iterator[Rendering]:
        """Every token in it, however deep."""
        for slot in self.slots:
            if isinstance(slot, Rendering):
                yield slot
            elif isinstance(slot, Choice):
                yield from (*slot.then.renderings(), *slot.otherwise.renderings())
            else:
                yield from slot.body.renderings()

    def depends_on(self) -> Iterator[str]:
        """The key of every value that the text depends on."""
        for slot in self.slots:
            if isinstance(slot, Choice):
                yield slot.condition.key
                yield from (*slot.then.depends_on(), *slot.otherwise.depends_on())
            else:
                yield slot.key
                if isinstance(slot, Loop):
                    yield from slot.body.depends_on()


@dataclass(slots=True)
class _Open:
    """A text that is not finished, and the block that it stands in."""

    mark: Mark | None = None
    literals: list[str] = field(default_factory=lambda: [""])
    slots: list[Slot] = field(default_factory=list)
    then: Template | None = None

    def template(self) -> Template:
        return Template(tuple(self.literals), tuple(self.slots))

    def block(self) -> Slot:
        assert self.mark is not None
        if self.mark.condition is None:
            return Loop(self.mark.list_key, self.template())
        then, otherwise = (
            (self.template(), Template(("",), ())) if self.then is None else (self.then, self.template())
        )
        return Choice(self.mark.condition, then, otherwise)


class Growing:
    """A template while it is put together from left to right. Its blocks must be balanced."""

    def __init__(self) -> None:
        self._open = [_Open()]

    def text(self, text: str) -> None:
        self._open[-1].literals[-1] += text

    def slot(self, slot: Slot) -> None:
        self._open[-1].slots.append(slot)
        self._open[-1].literals.append("")

    def mark(self, mark: Mark) -> None:
        """A bracket of a block."""
        if mark.opens:
            self._open.append(_Open(mark))
        elif mark.word == "else":
            half = self._open.pop()
            self._open.append(_Open(half.mark, then=half.template()))
        else:
            self.slot(self._open.pop().block())

    def finished(self) -> Template:
        (only,) = self._open
        return only.template()
