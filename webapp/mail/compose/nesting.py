"""An upper bound for how deeply the parser of a mail program, or of the inliner, nests a text.

The inliner walks its tree by recursion and would take the whole process with it, so that counting start and end tags is not
enough: `<div><table></div></table>` looks balanced, yet the end tag inside the table is ignored and the div stays open.
The rules are those of the HTML standard where they matter, and too strict where that is simpler.
"""

from webapp.mail.tokens.markup import VOID, Tag

CLOSED_BY = {
    "p": "p",
    "li": "li p",
    "dd": "dd dt p",
    "dt": "dd dt p",
    "td": "td th p",
    "th": "td th p",
    "tr": "tr td th p",
    "tbody": "tbody thead tfoot tr td th p",
    "thead": "tbody thead tfoot tr td th p",
    "tfoot": "tbody thead tfoot tr td th p",
    "colgroup": "colgroup",
}
"""Elements that a following one ends by itself, and which those are. They cannot pile up, so they have no weight."""
_IGNORED = VOID | {"body", "html", "head", "caption", "option"}
_OF_TABLES = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot", "colgroup"))
"""Elements that are passed over outside a table."""
FENCES = frozenset(("table", "marquee", "button"))
"""An end tag does not reach beyond these."""
_BLOCK_NAMES = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup "
    "h1 h2 h3 h4 h5 h6 listing main menu nav ol pre search section summary ul table marquee button"
)
BLOCKS = frozenset(_BLOCK_NAMES.split())
"""Their end tags end what is open inside them; end tags that are neither of these nor of formatting end the innermost only."""
_FORMATTING_NAMES = "a b big code em font i nobr s small strike strong tt u"
_FORMATTING = frozenset(_FORMATTING_NAMES.split())
"""Opened again in what follows when their surroundings end before them."""


def too_deep(tags: list[Tag], limit: int) -> Tag | None:
    """The first tag at which more than `limit` elements may be open."""
    opened: list[str] = []
    for tag in tags:
        if tag.conditional or tag.name in _IGNORED or (tag.name in _OF_TABLES and "table" not in opened):
            continue
        if tag.closing:
            _close(opened, tag.name)
            continue
        while opened and opened[-1] in CLOSED_BY.get(tag.name, "").split():
            opened.pop()
        opened.append(tag.name)
        if len(opened) > 4 * limit or (len(opened) > limit and _weight(opened) > limit):
            return tag
    return None


def _weight(opened: list[str]) -> int:
    return sum(name not in CLOSED_BY for name in opened)


def _close(opened: list[str], name: str) -> None:
    for index in range(len(opened) - 1, -1, -1):
        if opened[index] == name:
            inside = opened[index + 1 :]
            if name not in _FORMATTING:
                inside = [one for one in inside if one in _FORMATTING]
            opened[index:] = inside
            return
        if _stops(opened[index], name):
            return


def _stops(other: str, name: str) -> bool:
    """Whether the end tag of `name` does not reach beyond an open `other`."""
    if other in FENCES or (name == "li" and other in ("ul", "ol")):
        return True
    if name in BLOCKS or name in _FORMATTING or name in _OF_TABLES or name in ("li", "dd", "dt"):
        return False
    return other not in _FORMATTING
