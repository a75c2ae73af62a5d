"""Writes docs/tokens.md from the catalogue. A house test compares the two."""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tokens.md"
sys.path.insert(0, str(ROOT))

HEAD = """# Tokens

Made from the catalogue by `python scripts/write_token_docs.py`; the page *Tokens* of the program shows the same.

A token is written `[=Name=]` and becomes the affiliate's own value, escaped for the place where it stands. Capitals and blanks
inside do not count. The examples are what the composer makes of them.
"""
GRAMMAR = """
## Defaults, conditions and lists

The part between the brackets of a condition or a list must hold whole elements (paragraphs, rows of a table), or stand whole
inside one text or attribute. At most five may stand inside each other, a list never inside a list. There is nothing else: no
calls, no names that are not in the tables above.

| write | what it does | with values | without |
|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    from webapp.mail.compose import guide

    yield HEAD
    for group, rows in groupby((*guide.tokens(), *guide.lists()), lambda one: one.group):
        yield f"\n## {group}\n\n| token | meaning | valid in | example |\n|---|---|---|---|\n"
        for one in rows:
            yield f"| `{one.written}` | {one.meaning} | {one.valid} | {_cell(one.example)} |\n"
    yield GRAMMAR
    for shown in guide.grammar():
        full, bare = map(_cell, shown.examples)
        yield f"| `{_cell(shown.written)}` | {_cell(shown.meaning)} | {full} | {bare or '–'} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n\n", "\n").replace("\n", "<br>")


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
