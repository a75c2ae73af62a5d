"""How declared fields stand in a card, and the style sheet that hides those whose condition does not hold."""

from collections.abc import Iterable, Iterator
from typing import Any

from transports.contract import Transport
from transports.fields import Choice, Field, Integer, Secret, Text, Toggle
from webapp.settings.declared import SEGMENTS
from webapp.settings.limits import LIMITS

Row = tuple[str, list[Field]]


def rows(fields: Iterable[Field]) -> list[Row]:
    """Fields in rows, with the class of each row: a host beside its port, a user name beside its password."""
    found: list[Row] = []
    waiting = list(fields)
    while waiting:
        first, *waiting = waiting
        beside = _beside(first, waiting[0]) if waiting else ""
        if beside:
            found.append((beside, [first, waiting.pop(0)]))
        else:
            found.append(("cols-2" if isinstance(first, Integer) else "", [first]))
    return found


def condition(field: Field, fields: Iterable[Field]) -> str:
    """In words, for browsers that show everything: “Only if Encryption is TLS from the start.”"""
    if field.when is None:
        return ""
    name, wanted = field.when
    other = next((one for one in fields if one.name == name), None)
    if other is None:
        return ""
    words = dict(other.options) if isinstance(other, Choice) else {"true": "on", "false": "off"}
    return f"Only if {other.label} is {' or '.join(words.get(one, one) for one in wanted)}."


def style_sheet(kinds: Iterable[type[Transport]]) -> str:
    """Rules by `:has()`; a browser that doesn't know it draws all fields, each with its condition."""
    rules = [rule for kind in kinds for rule in _rules(kind)]
    return "@supports selector(:has(*)) {\n.only-if { display: none; }\n" + "\n".join(rules) + "\n}\n"


def _beside(first: Field, second: Field) -> str:
    if first.when != second.when or _multiline(first) or _multiline(second):
        return ""
    if isinstance(first, Text) and isinstance(second, Integer):
        return "cols-host"
    plain = (Text, Secret, Integer)
    return "cols-2" if isinstance(first, plain) and isinstance(second, plain) else ""


def _multiline(field: Field) -> bool:
    return isinstance(field, Text) and field.multiline


def _rules(kind: type[Transport]) -> Iterator[str]:
    by_name = {field.name: field for field in kind.fields}
    for field in kind.fields:
        if field.when is None or field.when[0] not in by_name:
            continue
        seen = _selector(kind.kind, by_name[field.when[0]], field.when[1])
        if seen:
            # The attribute is quoted: a kind or name is a slug, but CSS would not take one that begins with a digit.
            yield f'form:not({seen}) [data-field="{kind.kind}-{field.name}"] {{ display: none; }}'


def _selector(kind: str, other: Field, wanted: Iterable[str]) -> str:
    """When the condition holds, as arguments of `:has()`; empty for a field whose value CSS can't see."""
    name = f'[name="{kind}-{other.name}"]'
    if isinstance(other, Toggle):
        states = [f"{name}{':checked' if one == 'true' else ':not(:checked)'}" for one in wanted]
    elif isinstance(other, Choice):
        safe = [one for one in wanted if one.replace("-", "").replace("_", "").isalnum()]
        few = len(other.options) <= SEGMENTS
        states = [
            f'{name}[value="{one}"]:checked' if few else f'{name} option[value="{one}"]:checked'
            for one in safe
        ]
    else:
        return ""
    return f":has({', '.join(states)})" if states else ""


def as_globals() -> dict[str, Any]:
    return {"field_rows": rows, "field_condition": condition, "server_limits": list(LIMITS)}
