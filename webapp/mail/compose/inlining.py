"""Moves style rules into the tags they select, because several mail programs ignore style sheets."""

import re

import css_inline

from webapp.mail.compose.problems import TokenProblems
from webapp.mail.tokens.markup import Piece, Raw
from webapp.mail.tokens.problems import Problem, shortened

_INLINER = css_inline.CSSInliner(
    load_remote_stylesheets=False,
    keep_link_tags=True,
    keep_style_tags=True,  # with the next one: what cannot be inlined (:hover, @media) stays
    remove_inlined_selectors=True,
    keep_at_rules=True,
)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)


def inline_styles(source: str, pieces: list[Piece]) -> str:
    """The document with its styles inlined. Without a style sheet it comes back untouched, to the last character."""
    if not any(
        isinstance(piece, Raw) and piece.name == "style" and not piece.conditional for piece in pieces
    ):
        return source
    try:
        inlined = str(_INLINER.inline(source))
    except css_inline.InlineError as error:
        reason = f"The styles cannot be read: {shortened(str(error))}."
        raise TokenProblems([Problem(1, "", reason, "Correct them or take them out.")]) from error
    declared = _DOCTYPE.match(source)
    if declared is None:
        return inlined
    return _DOCTYPE.sub(
        lambda _: declared.group().strip(), inlined, count=1
    )  # the parser shortens old doctypes
