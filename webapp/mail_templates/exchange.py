"""Templates in and out: all of them as one JSON file, or each as the plain HTML that it is, byte for byte."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from html import unescape
from typing import Any

from sqlalchemy.orm import Session

from webapp.errors import Invalid, NotFound
from webapp.mail.tokens import MESSAGE
from webapp.mail.tokens.catalogue import OFFER
from webapp.mail_templates import queries, service
from webapp.mail_templates.catalogue import CONTEXTS
from webapp.mail_templates.queries import Template
from webapp.mail_templates.service import Who
from webapp.mail_templates.texts import FIELDS, Text, problems_of

FORMAT = "offerpost-templates/1"
LARGEST_FILE = 32 * 1024 * 1024
_TITLE = re.compile(r"<title[^>]*>([^<]{1,500})</title>", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A template in a file. `enabled` None leaves it as it is; `context` "" is found out by its tokens."""

    name: str
    text: Text
    context: str = ""
    enabled: bool | None = None


@dataclass(frozen=True)
class Brought:
    """What an import did, by name."""

    made: list[str]
    changed: list[str]
    same: list[str]

    @property
    def words(self) -> str:
        """In a sentence."""
        parts = ((self.made, "new"), (self.changed, "changed"), (self.same, "the same as before"))
        return ", ".join(f"{len(names)} {what}" for names, what in parts if names) or "nothing"


def as_json(templates: Iterable[Template]) -> str:
    """All that `read_json` takes back."""
    entries = [
        {
            "slug": one.slug,
            "name": one.name,
            "system": one.system is not None,
            "context": one.context,
            "enabled": one.enabled,
            **asdict(one.text),
        }
        for one in templates
    ]
    return json.dumps({"format": FORMAT, "templates": entries}, ensure_ascii=False, indent=1) + "\n"


def read(name: str, content: bytes) -> list[Entry]:
    """The templates of a file, by the end of its name. `Invalid` says what is wrong with the file."""
    if len(content) > LARGEST_FILE:
        raise Invalid({"file": f"{name} is larger than 32 MB. Split it."})
    try:
        text = content.decode("utf-8")  # a byte order mark stays: the file comes out as it went in
    except UnicodeDecodeError as error:
        raise Invalid({"file": f"{name} is not UTF-8. Save it as UTF-8."}) from error
    stem, _, ending = name.rpartition(".")
    if ending.lower() == "json":
        return _read_json(name, text.removeprefix("\ufeff"))
    if ending.lower() in ("html", "htm"):
        return [Entry(_readable(stem), Text("", text))]
    raise Invalid({"file": f"{name} is neither .html nor .json. Export one to see what they look like."})


def bring_in(session: Session, who: Who, entries: Sequence[Entry], *, replacing: bool = True) -> Brought:
    """Store them all, or none of them if something is wrong with one."""
    brought = Brought([], [], [])
    problems: dict[str, str] = {}
    for entry in entries:
        try:
            with session.begin_nested():
                _bring_in(session, who, entry, replacing, brought)
        except Invalid as error:
            problems[f"template {entry.name}"] = " ".join(error.problems.values())
    if problems:
        raise Invalid(problems)
    return brought


def fitting_context(text: Text) -> str:
    """A message; or a mail about an offer, if it uses tokens of one."""
    return MESSAGE if not problems_of(text, MESSAGE) or problems_of(text, OFFER) else OFFER


def _bring_in(session: Session, who: Who, entry: Entry, replacing: bool, brought: Brought) -> None:
    template = _there(session, entry.name)
    text = _with_subject(entry, template)
    if template is None:
        made = service.create(session, who, entry.name, entry.context or fitting_context(text), text)
        brought.made.append(made.name)
        return
    differs = text != template.text or entry.enabled not in (None, template.enabled)
    if differs and not replacing:
        raise Invalid({"file": "It is there already. Say that it may be replaced."})
    service.save(session, who, template.slug, text, note="Imported")
    if entry.enabled is not None and template.system is not None:
        service.switch(session, who, template.slug, entry.enabled)
    (brought.changed if differs else brought.same).append(template.name)


def _there(session: Session, name: str) -> Template | None:
    try:
        return queries.find(session, name)
    except NotFound:
        return None


def _with_subject(entry: Entry, template: Template | None) -> Text:
    """An HTML file has no subject: the stored one stays, or else its title is taken."""
    text = replace(entry.text, subject=" ".join(entry.text.subject.split()))
    if text.subject:
        return text
    if template is not None:
        kept = {name: getattr(text, name) or getattr(template.text, name) for name in FIELDS}
        return Text(**kept)
    title = _TITLE.search(text.html)
    words = " ".join(unescape(title.group(1)).split()) if title else ""
    return replace(text, subject=words or entry.name)


def _readable(stem: str) -> str:
    name = re.split(r"[/\\]", stem)[-1]
    return name if queries.slug_of(name) == name else " ".join(re.split(r"[\s_-]+", name)).strip()


def _read_json(name: str, text: str) -> list[Entry]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid({"file": f"{name} can’t be read as JSON: {error}."}) from error
    rows = found.get("templates") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(
            {"file": f"{name} has no list “templates” in it. Export all to see what it looks like."}
        )
    return [_entry(number, row) for number, row in enumerate(rows, 1)]


def _entry(number: int, row: dict[str, Any]) -> Entry:
    texts = {field: row.get(field, "") for field in ("slug", "name", "context", *FIELDS)}
    for field, value in texts.items():
        if not isinstance(value, str):
            raise Invalid({"file": f"Template {number}: “{field}” is no text."})
    if not (row.get("system") or row.get("context") in (None, "", *CONTEXTS)):
        raise Invalid({"file": f"Template {number}: “context” is none of {', '.join(CONTEXTS)}."})
    name = (texts["slug"] if row.get("system") else texts["name"]) or texts["name"] or texts["slug"]
    if not name:
        raise Invalid({"file": f"Template {number} has no name."})
    enabled = row.get("enabled")
    text = Text(**{field: texts[field] for field in FIELDS})
    return Entry(name, text, texts["context"], enabled if isinstance(enabled, bool) else None)
