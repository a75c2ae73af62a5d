"""The list of templates: few enough to be sorted and searched here, because most of them have no row at all."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.mail_templates.queries import Template, templates
from webapp.web.pages import SIZE, Page

STATES = {"on": "On", "off": "Off", "changed": "Changed by you", "custom": "Custom"}
_NEVER = datetime.min.replace(tzinfo=UTC)
_SORTS: dict[str, Callable[[Template], Any]] = {
    "name": lambda one: one.name.lower(),
    "changed": lambda one: one.changed_at or _NEVER,
}
_IS: dict[str, Callable[[Template], bool]] = {
    "on": lambda one: one.system is not None and one.enabled,
    "off": lambda one: not one.enabled,
    "changed": lambda one: one.changed,
    "custom": lambda one: one.system is None,
}


def listed(session: Session, *, search: str, state: str, sort: str, number: int) -> Page[Template]:
    """One page of those that match. Without a sort they stand as in the catalogue."""
    found = [one for one in templates(session) if _matches(one, search.lower()) and _is(one, state)]
    if order := _SORTS.get(sort.lstrip("-")):
        found.sort(key=order, reverse=sort.startswith("-"))
    number = max(1, min(number, (len(found) + SIZE - 1) // SIZE))
    return Page(found[(number - 1) * SIZE : number * SIZE], number, len(found))


def used_by(template: Template) -> str:
    """What sends it, in words."""
    began = f"{template.uses:,} {'message' if template.uses == 1 else 'messages'} began with it"
    if template.system is None:
        return began if template.uses else "No message yet"
    return f"{template.system.trigger}; {began}" if template.uses else template.system.trigger


def _matches(template: Template, search: str) -> bool:
    return search in template.name.lower() or search in template.text.subject.lower()


def _is(template: Template, state: str) -> bool:
    return state not in _IS or _IS[state](template)
