"""Writes docs/events.md from the catalogue. A house test compares the two."""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "events.md"
sys.path.insert(0, str(ROOT))

HEAD = """# Events

Made from the catalogue by `python scripts/write_event_docs.py`; the page *Events* of the program shows the same, with what was
sent last.

When one of these happens, its template is mailed. The mails enter the outbox in the transaction of the change: either both
stand or neither. Each person gets one mail for each change, whoever announces it and however often. A template that is switched
off mails nobody, a suppressed address gets a row that says so and no mail, and importing a file mails nobody at all. Before a
change is saved, the form says who will get which mail, and a tick saves it silently.

Mail to affiliates comes from the affiliate's manager once there is one, else from the network; only active affiliates are mailed.
Every event may also use the tokens of [tokens.md](tokens.md) that are valid everywhere, and those of its offer if it has one.
"""


def document() -> str:
    """The whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    from webapp.announcing.catalogue import EVENTS

    yield HEAD
    for title, to_team in (("To affiliates", False), ("To your team", True)):
        yield f"\n## {title}\n\n| event | when | who gets it | once | class | own values |\n|---|---|---|---|---|---|\n"
        for one in EVENTS.values():
            if one.to_team == to_team:
                values = ", ".join(f"`[={value}=]`" for value in one.values) or "–"
                when = one.when if one.by_itself else f"{one.when} (through the API)"
                yield f"| `{one.name}` | {when} | {one.who} | {one.once} | {one.template.kind} | {values} |\n"


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
