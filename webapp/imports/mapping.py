"""Which column of a file is which field: guessed from the header, remembered for the next file with the same one."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from webapp.errors import Invalid
from webapp.imports.kinds import Columns, Kind, Mapped
from webapp.settings.models import Setting


def guess(header: Sequence[str], columns: Columns) -> Mapped:
    """The columns that name themselves. An exact name wins over an alias, an earlier column over a later one."""
    found: Mapped = {}
    words = [re.sub(r"[\W_]+", "", cell).casefold() for cell in header]
    for exact in (True, False):
        for number, word in enumerate(words):
            field = columns.words.get(word)
            if field and field not in found and (field.replace("_", "") == word) is exact:
                found[field] = number
    return found


def check(mapping: Mapping[str, int], header: Sequence[str], columns: Columns) -> Mapped:
    """The mapping, if it can be worked with; raises `Invalid` otherwise."""
    for field, does in columns.required.items():
        if field not in mapping:
            names = ", ".join(cell for cell in header if cell)[:200]
            words = f"No column {does}; the file has {names}. Choose the column that does."
            raise Invalid({field: words})
    taken: dict[int, str] = {}
    for field, number in mapping.items():
        if field not in columns.labels or not 0 <= number < len(header):
            raise Invalid({field: "The file has no such column. Choose again."})
        if number in taken:
            words = f"“{header[number]}” is already used for {columns.labels[taken[number]]}. Use each column once."
            raise Invalid({field: words})
        taken[number] = field
    return dict(mapping)


def found(session: Session, header: Sequence[str], kind: Kind) -> Mapped:
    """What was chosen last time for a file with this header, else the guess."""
    kept = session.get(Setting, _key(header, kind))
    return json.loads(kept.value) if kept else guess(header, kind.columns)


def remember(session: Session, header: Sequence[str], mapping: Mapping[str, int], kind: Kind) -> None:
    """Keep a choice that differs from the guess."""
    kept = session.get(Setting, _key(header, kind))
    if kept:
        kept.value = json.dumps(mapping)
    elif mapping != guess(header, kind.columns):
        session.add(Setting(key=_key(header, kind), value=json.dumps(mapping)))
    session.flush()


def _key(header: Sequence[str], kind: Kind) -> str:
    words = "\x1f".join(cell.casefold() for cell in header)
    return f"import.{kind.slug}.{hashlib.sha256(words.encode()).hexdigest()[:32]}"
