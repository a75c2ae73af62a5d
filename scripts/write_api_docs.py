"""Writes docs/api.md from the tables of the API. A house test compares the two."""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
sys.path.insert(0, str(ROOT))

HEAD = """# The API for your tracking platform

Made from the tables of the program by `python scripts/write_api_docs.py`; the page *Account → API keys → How to use them* shows
the same, and `GET /api/openapi.json` is the OpenAPI 3.1 document of it. Every example below is sent to a real instance by a test.

```
curl https://desk.example.com/api/affiliates?limit=1 -H "Authorization: Bearer opk_…"
```
"""


def document() -> str:
    """The whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    import webapp.wiring
    from webapp.api import guide
    from webapp.imports import kinds

    kinds.plug(webapp.wiring.LISTS)
    found = guide.guide()
    yield HEAD
    for title, words in found.rules:
        yield f"\n## {title}\n\n{words}\n"
    for name, sections in found.groups:
        yield f"\n## {name}\n"
        for section in sections:
            yield from _section(section)
    yield "\n## Refusals by status\n\n| status | meaning |\n|---|---|\n"
    yield from (f"| {status} | {words} |\n" for status, words in found.refusals.items())


def _section(section) -> Iterator[str]:  # type: ignore[no-untyped-def]
    from webapp.api.guide import request_of, written

    one = section.operation
    yield f"\n### {one.summary}\n\n`{one.method} {one.path}`\n\n{one.words} Needs the scope `{one.scope}`."
    yield f" Filters: {', '.join(f'`{name}`' for name in one.filters)}.\n" if one.filters else "\n"
    if section.fields:
        yield "\n| field | what it is |\n|---|---|\n"
        for name, words, needed in section.fields:
            yield f"| `{name}` | {words}{' **Must be there.**' if needed else ''} |\n"
    for example in section.examples:
        yield f"\n{example.title}:\n\n```\n{request_of(example)}\n```\n"
        yield f"\nThe answer, {example.status}:\n\n```json\n{written(example.gets)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
