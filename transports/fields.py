"""The settings that a transport declares. The host draws its form, command line and docs from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from difflib import get_close_matches
from typing import TypeAlias

Value: TypeAlias = str | int | bool | None

MASK = "•"
_YES = {"true", "yes", "on", "1", "y"}
_NO = {"false", "no", "off", "0", "", "n"}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: a sentence with the remedy in it. An empty `field` is the whole form."""

    field: str
    reason: str


class _Unusable(Exception):
    """Carries the sentence from a field's parser to `clean`."""


@dataclass(frozen=True)
class Field:
    """One setting.

    `when=("security", ("tls", "starttls"))` shows it only while that other field has one of these values.
    `destination` marks what decides where the secret goes: when it changes, the stored secrets are dropped.
    `advanced` fields are drawn under "More".
    """

    name: str
    label: str
    _: KW_ONLY
    help: str = ""
    required: bool = False
    default: Value = None
    when: tuple[str, tuple[str, ...]] | None = None
    destination: bool = False
    advanced: bool = False

    @property
    def empty(self) -> Value:
        """The value of this field when nothing is typed and there is no default."""
        return ""

    def parse(self, text: str) -> Value:
        """The value of what was typed, which is not empty."""
        raise NotImplementedError

    def faults(self) -> Iterator[str]:
        """What is wrong with the declaration itself."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", self.name):
            yield f"the field name {self.name!r} is not a lower-case slug"
        if not self.label.strip():
            yield f"the field {self.name!r} has no label"
        if self.default is not None and not self._accepts_default():
            yield f"the default of {self.name!r} is not a value that the field accepts"

    def _accepts_default(self) -> bool:
        try:
            return self.parse(as_text(self.default)) == self.default
        except _Unusable:
            return False


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Text of one line, or with `multiline` of several (a pasted certificate)."""

    multiline: bool = False
    max_length: int = 0
    placeholder: str = ""

    def parse(self, text: str) -> str:
        text = text.strip()
        if self.multiline:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        _refuse_controls(text, allowed="\n\t" if self.multiline else "")
        limit = self.max_length or (20_000 if self.multiline else 500)
        if len(text) > limit:
            raise _Unusable(f"is longer than {limit} characters. Shorten it.")
        return text


@dataclass(frozen=True, kw_only=True)
class Secret(Field):
    """A password or key: encrypted at rest, shown as dots, never sent back. It has no default."""

    max_length: int = 4_000

    def parse(self, text: str) -> str:
        text = text.strip("\r\n")
        _refuse_controls(text, allowed="\n")
        if text and not text.strip(MASK):
            raise _Unusable("is only the mask. Leave it empty to keep the stored one, or type the real one.")
        if len(text) > self.max_length:
            raise _Unusable(f"is longer than {self.max_length} characters. Check what you pasted.")
        return text

    def faults(self) -> Iterator[str]:
        if self.default is not None:
            yield f"the secret {self.name!r} has a default"
        yield from Field.faults(self)


@dataclass(frozen=True, kw_only=True)
class Integer(Field):
    """A whole number from `minimum` to `maximum`, both included; None when left empty."""

    minimum: int = 0
    maximum: int = 2**31 - 1

    @property
    def empty(self) -> Value:
        return None

    def parse(self, text: str) -> int:
        text = text.strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
            raise _Unusable(f"is not a whole number. Type one from {self.minimum} to {self.maximum}.")
        if not self.minimum <= int(text) <= self.maximum:
            raise _Unusable(f"is out of range. Type a number from {self.minimum} to {self.maximum}.")
        return int(text)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of `options`, which are pairs of a value and the words that people read."""

    options: tuple[tuple[str, str], ...]

    def parse(self, text: str) -> str:
        text = text.strip()
        values = [value for value, _ in self.options]
        if text not in values:
            raise _Unusable(f"must be one of: {', '.join(values)}.")
        return text

    def faults(self) -> Iterator[str]:
        yield from Field.faults(self)
        if not self.options or len({value for value, _ in self.options}) != len(self.options):
            yield f"the choice {self.name!r} has no options, or the same one twice"


@dataclass(frozen=True, kw_only=True)
class Toggle(Field):
    """Yes or no; off unless the default says otherwise."""

    @property
    def empty(self) -> Value:
        return False

    def parse(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in _YES | _NO:
            raise _Unusable("must be yes or no.")
        return word in _YES


def clean(
    fields: Iterable[Field],
    raw: Mapping[str, str],
    *,
    stored_secrets: Iterable[str] = (),
    operator: bool = False,
) -> tuple[dict[str, Value], list[FieldProblem]]:
    """The value of every field and what is wrong with them; with problems, the values are not to be used.

    A field that is absent, hidden or empty gets its default, but a toggle that was sent empty is off.
    `stored_secrets` names the secrets that are kept when left empty: their value here is "". Only the
    operator may refer to the environment with `env:NAME`, which is kept as it is.
    """
    fields = tuple(fields)
    values: dict[str, Value] = {}
    known = [field.name for field in fields]
    problems = [_stranger(name, known) for name in raw if name not in known]
    kept = frozenset(stored_secrets)
    for field in _in_order(fields):
        values[field.name] = _default(field)
        if not shown(field, values):
            continue
        try:
            values[field.name] = _value(field, raw, kept=field.name in kept, operator=operator)
        except _Unusable as trouble:
            problems.append(FieldProblem(field.name, f"{field.label} {trouble}"))
    return {field.name: values[field.name] for field in fields}, problems


def shown(field: Field, values: Mapping[str, Value]) -> bool:
    """Whether the `when` of this field holds for these values."""
    if field.when is None:
        return True
    other, wanted = field.when
    return as_text(values.get(other)) in wanted


def destination_changed(
    fields: Iterable[Field], before: Mapping[str, Value], after: Mapping[str, Value]
) -> bool:
    """Whether the secret would go somewhere else, or with less protection, than when it was typed."""
    return any(_compared(field, before) != _compared(field, after) for field in fields if field.destination)


def secrets(fields: Iterable[Field]) -> tuple[str, ...]:
    """The names of the secret fields."""
    return tuple(field.name for field in fields if isinstance(field, Secret))


def faults(fields: Iterable[Field]) -> list[str]:
    """What is wrong with a declaration, for whoever wrote the transport."""
    fields = tuple(fields)
    strangers = [field for field in fields if not isinstance(field, Field) or type(field) is Field]
    if strangers:
        return [f"{field!r} is not a Text, Secret, Integer, Choice or Toggle" for field in strangers]
    found = [fault for field in fields for fault in field.faults()]
    names = [field.name for field in fields]
    found += [
        f"the field {name!r} is declared twice" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    for field in fields:
        found += _faults_of_when(field, fields)
    return found


def as_text(value: Value) -> str:
    """The value as a form sends it and as `when` compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _value(field: Field, raw: Mapping[str, str], *, kept: bool, operator: bool) -> Value:
    text = raw.get(field.name)
    if text is None or not text.strip():
        if isinstance(field, Toggle) and text is not None:
            return False
        value = _default(field)
        if field.required and not kept and value in ("", None):
            raise _Unusable("is missing. Fill it in.")
        return value
    if _is_reference(text):
        if not operator:
            raise _Unusable(
                "may not begin with “env:” or “@”: only the operator's command line may use these."
            )
        if text.strip().startswith("env:"):
            return text.strip()
    return field.parse(text)


def _stranger(name: str, known: list[str]) -> FieldProblem:
    near = get_close_matches(name, known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
    return FieldProblem(name, f"There is no setting called {name}. {remedy}")


def _is_reference(text: str) -> bool:
    return text.strip().lower().startswith(("env:", "@"))


def _default(field: Field) -> Value:
    return field.empty if field.default is None else field.default


def _compared(field: Field, values: Mapping[str, Value]) -> str:
    value = values.get(field.name)
    return as_text(_default(field) if value is None else value).strip()


def _in_order(fields: tuple[Field, ...]) -> list[Field]:
    """Fields after those that their `when` looks at."""
    rest, done = list(fields), list[Field]()
    while rest:
        waiting = {field.name for field in rest}
        ready = [field for field in rest if field.when is None or field.when[0] not in waiting]
        ready = ready or rest  # a circle: the registry refuses it
        done += ready
        rest = [field for field in rest if field not in ready]
    return done


def _faults_of_when(field: Field, fields: tuple[Field, ...]) -> Iterator[str]:
    if field.when is None:
        return
    other = next((one for one in fields if one.name == field.when[0] and one is not field), None)
    if other is None:
        yield f"the `when` of {field.name!r} looks at {field.when[0]!r}, which is no other field"
    elif other.when is not None and other.when[0] == field.name:
        yield f"the fields {field.name!r} and {other.name!r} wait for each other"
    elif isinstance(other, Choice):
        unknown = set(field.when[1]) - {value for value, _ in other.options}
        if unknown:
            yield f"the `when` of {field.name!r} names {sorted(unknown)}, which {other.name!r} never is"


def _refuse_controls(text: str, *, allowed: str) -> None:
    if any(_is_control(char) and char not in allowed for char in text):
        raise _Unusable("holds a line break or another control character. Remove it.")


def _is_control(char: str) -> bool:
    number = ord(char)
    half = 0xD800 <= number <= 0xDFFF  # of a pair; no database and no wire takes it
    return number < 32 or number in (127, 0x85, 0x2028, 0x2029) or half
