"""How declared fields stand in a card, and the style sheet that hides those whose condition does not hold."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from transports.contract import Transport
from transports.fields import Choice, Field, Integer, Secret, Text, Toggle
from webapp.settings.declared import SEGMENTS, ServerForm
from webapp.settings.limits import GROUPS, LIMITS

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


@dataclass(frozen=True)
class Group:
    """Limits that belong together, behind one heading; `said` is what is set, so that it needn't be opened to look."""

    title: str
    fields: list[Field]
    said: str
    is_wrong: bool


def limit_groups(form: ServerForm) -> list[Group]:
    """Every limit, in groups."""
    by_name = {field.name: field for field in LIMITS}
    wrong = set(form.wrong)
    return [
        Group(
            title,
            [by_name[name] for name in names],
            _said({name: str(form.control(name).data or "").strip() for name in names}),
            bool(wrong.intersection(names)),
        )
        for title, names in GROUPS.items()
    ]


def _said(values: dict[str, str]) -> str:
    """What the limits of one group come to, in words."""
    if "connections" in values:
        rates = [
            f"{values[f'max_per_{span}']} a {span}"
            for span in ("second", "minute", "hour", "day")
            if values[f"max_per_{span}"]
        ]
        at_once = values["connections"]
        rates += [f"{at_once} connection{'' if at_once == '1' else 's'}"] if at_once else []
        return ", ".join(rates)
    if "hours" in values:
        return values["hours"] or "at any time"
    if "domain_limits" in values:
        lines = [line for line in re.split(r"[\n;]+", values["domain_limits"]) if line.strip()]
        return ", ".join(line.split()[0] for line in lines[:3]) + (" …" if len(lines) > 3 else "") or "none"
    if not values["warm_up_from"]:
        return "none"
    return f"{values['warm_up_first']} mails on {values['warm_up_from']}, {values['warm_up_growth']} % more each day"


def as_globals() -> dict[str, Any]:
    return {"field_rows": rows, "field_condition": condition, "limit_groups": limit_groups}
