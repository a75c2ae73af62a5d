"""Tokens: `[=Name=]` and `[=Name|default=]`, the closed language in which a template asks for a recipient's data."""

from webapp.mail.tokens.catalogue import (
    CONTEXTS,
    MESSAGE,
    OFFER,
    TOKENS,
    Kind,
    TokenSpec,
    available,
    example_values,
    find,
    key_of,
)
from webapp.mail.tokens.lint import lint_html, lint_text, suggested
from webapp.mail.tokens.parser import Parsed, Text, Token, parse
from webapp.mail.tokens.problems import Problem

__all__ = [
    "CONTEXTS",
    "MESSAGE",
    "OFFER",
    "TOKENS",
    "Kind",
    "Parsed",
    "Problem",
    "Text",
    "Token",
    "TokenSpec",
    "available",
    "example_values",
    "find",
    "key_of",
    "lint_html",
    "lint_text",
    "parse",
    "suggested",
]
