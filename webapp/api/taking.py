"""Takes lists of objects in, by the planners of imports: one set of rules for files, and for programs."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.api.fields import Field, texts
from webapp.errors import Invalid
from webapp.imports.cells import guarded
from webapp.imports.importing import TRIES
from webapp.imports.kinds import Kind
from webapp.imports.plan import Batch, Importer, Planner, Values
from webapp.imports.reading import Row
from webapp.imports.seen import Seen


@dataclass
class Result:
    """What became of one item: added, changed, same or refused; and then a sentence for each field."""

    item: int
    outcome: str = "same"
    values: Values = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def refuse(self, problems: Mapping[str, str]) -> None:
        self.outcome = "refused"
        self.problems.update(problems)


def take(
    session: Session, kind: Kind, importer: Importer, fields: Mapping[str, Field], items: Sequence[object]
) -> list[Result]:
    """Add or change what the items say; what is refused stays out, the others count. Mails nobody.

    A planner works on rows of one width, so items that give the same fields are planned together.
    """
    results = [_read(number, item, kind, fields) for number, item in enumerate(items, 1)]
    alike: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        if result.outcome != "refused":
            alike.setdefault(tuple(sorted(result.values)), []).append(result)
    with closing(Seen()) as seen:
        for names, some in alike.items():
            mapping = {name: number for number, name in enumerate(names)}
            _write(session, kind.planner(session, mapping, importer, seen), some)
    return results


def only(results: Sequence[Result]) -> Result:
    """The result of a single object; raises `Invalid` if it was refused."""
    if results[0].outcome == "refused":
        raise Invalid(results[0].problems)
    return results[0]


def _read(number: int, item: object, kind: Kind, fields: Mapping[str, Field]) -> Result:
    result = Result(number)
    if not isinstance(item, dict):
        result.refuse({"": "This is no object. Send one like {…}."})
        return result
    result.values, problems = texts(item, fields)
    for name in kind.columns.required.keys() - item.keys():
        problems[name] = f"It is missing. Send the {kind.columns.labels[name]} of each {kind.one}."
    if problems:
        result.refuse(problems)
    return result


def _write(session: Session, planner: Planner, some: Sequence[Result]) -> None:
    rows = [Row(each.item, [guarded(each.values[name]) for name in planner.mapping]) for each in some]
    for attempt in range(1, TRIES + 1):
        planner.seen.mark()
        try:
            with session.begin_nested():
                batch = planner.plan(session, rows)
                planner.write(session, batch)
        except IntegrityError:
            # Somebody added the same, or deleted what it refers to, between our look and our write: look again.
            if attempt == TRIES:
                raise
            planner.seen.back_to_mark()
            planner.refresh(session)
        else:
            return _note(batch, {each.item: each for each in some})


def _note(batch: Batch, results: Mapping[int, Result]) -> None:
    for number in batch.new_lines:
        results[number].outcome = "added"
    for change in batch.changes:
        results[change.line].outcome = "changed"
    for refused in batch.refused:
        results[refused.line].refuse({refused.field: refused.reason})


def counts(results: Sequence[Result]) -> dict[str, Any]:
    """How many items had which outcome."""
    outcomes = [each.outcome for each in results]
    return {name: outcomes.count(name) for name in ("added", "changed", "same", "refused")}
