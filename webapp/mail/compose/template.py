"""Text with slots, before it is encoded for the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.mail.compose.escaping import clean


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one token is written in one kind of place. Equal renderings are worked out once for a mail."""

    key: str
    name: str
    default: str
    write: Callable[[str], str]
    multiline: bool

    def of(self, values: Mapping[str, str]) -> str:
        """The text to put there, escaped for the place; the default when there is no value."""
        value = clean(values.get(self.key) or "", multiline=self.multiline)
        return self.write(value or self.default)


@dataclass(frozen=True, slots=True)
class Template:
    """Literal, slot, literal, …: one more literal than slots."""

    literals: tuple[str, ...]
    slots: tuple[Rendering, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text for one recipient."""
        parts = [self.literals[0]]
        for slot, literal in zip(self.slots, self.literals[1:], strict=True):
            parts += (slot.of(values), literal)
        return "".join(parts)
