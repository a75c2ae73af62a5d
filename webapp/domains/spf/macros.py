"""Macros of SPF records (RFC 7208 §7): checked while a record is read, filled while it is evaluated."""

import re
from collections.abc import Callable
from urllib.parse import quote

LETTERS, IN_EXPLANATIONS = "slodiphv", "crt"
_EXPAND = re.compile(r"%(?:\{([a-zA-Z])(\d*)(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_TOP = re.compile(r"\.(?!\d+\.?$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?$")
_LITERAL = {"%": "%", "_": " ", "-": "%20"}
LONGEST_NAME = 253


class BadMacro(ValueError):
    """The text breaks the grammar of macros."""


def check_text(text: str, *, explanation: bool = False) -> None:
    """Whether it is a macro-string; blanks are allowed in explanations only."""
    rest = _EXPAND.sub("", text)
    allowed = LETTERS + IN_EXPLANATIONS if explanation else LETTERS
    if "%" in rest:
        raise BadMacro("a % that begins no macro; write %% for the character itself")
    if any(not ("\x21" <= char <= "\x7e") and not (explanation and char == " ") for char in rest):
        raise BadMacro("a character that may not stand there")
    for letter, digits, *_ in _EXPAND.findall(text):
        if letter and letter.lower() not in allowed:
            raise BadMacro(f"%{{{letter}}} means nothing here")
        if digits and int(digits[:9]) == 0:
            raise BadMacro("a macro that keeps 0 parts")


def check_domain(text: str) -> None:
    """Whether it is a domain-spec: it ends with a macro or with a name's last label that is not a number."""
    check_text(text)
    last = next(reversed(list(_EXPAND.finditer(text))), None)
    ends_with_macro = last is not None and last.end() == len(text) and last[1] is not None
    tail = text if last is None else "x" * last.end() + text[last.end() :]
    if not ends_with_macro and not _TOP.search(tail):
        raise BadMacro(f"“{text[:60]}” is not the name of a host")


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """The text with its macros replaced. `value_of` is asked for lower-case letters."""

    def filled(found: re.Match[str]) -> str:
        letter, digits, backwards, delimiters, literal = found.groups()
        if literal:
            return _LITERAL[literal]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", value_of(letter.lower()))
        parts = parts[::-1] if backwards else parts
        value = ".".join(parts[-min(int(digits[:9]), 128) :] if digits else parts)
        return quote(value, safe="-._~") if letter.isupper() else value

    return _EXPAND.sub(filled, text)


def shortened(name: str) -> str:
    """A name of at most 253 characters: labels at the left go first (RFC 7208 §7.3)."""
    name = name.rstrip(".")
    while len(name) > LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name
