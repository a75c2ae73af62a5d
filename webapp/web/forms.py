"""What every form shares: CSRF, trimmed text, and one list of what is wrong for the summary on top of the page."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are behind

from webapp.errors import Invalid


def trimmed(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """(value, label) pairs for a select, radio or multiple field."""
    return [SelectChoice(value, label) for value, label in pairs]


class TextField(StringField):
    """A line of text without blanks around it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("filters", [trimmed])
        super().__init__(*args, **kwargs)


class Form(FlaskForm):  # type: ignore[misc]
    """Use `submitted()` in the view and `refuse(error)` for what a service finds; both feed the same summary."""

    def submitted(self) -> bool:
        """Whether it was posted and every field is fine."""
        return bool(self.validate_on_submit())

    def refuse(self, error: Invalid) -> None:
        """Put a service's refusal beside the fields it names; what names no field stands in the summary only."""
        for name, reason in error.problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, reason]
            else:
                self.form_errors.append(reason)

    def problems(self) -> Iterator[tuple[str | None, str]]:
        """Pairs of (id of the field or None, sentence), in the order of the fields."""
        for field in self:
            for reason in _flat(field):
                yield field.id, reason
        for reason in self.form_errors:
            yield None, str(reason)


def _flat(field: Field) -> Iterator[str]:
    for reason in field.errors:
        if isinstance(reason, str):
            yield reason
