"""Adds terms to the SPF record that is already there: a second record would break both (RFC 7208 §3.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ALL = re.compile(r"[+?~-]?all", re.IGNORECASE)


@dataclass(frozen=True)
class Merged:
    text: str
    added: tuple[str, ...]


def merge(existing: Iterable[str], wanted: Iterable[str]) -> Merged:
    """One record out of all that exist, with the wanted terms in front of its end.

    What lets everybody send (+all, ?all) becomes ~all; the strictest end of several records wins.
    """
    terms: list[str] = []
    ends: list[str] = []
    modifiers: list[str] = []
    for text in existing:
        for term in text[6:].split():
            place = ends if _ALL.fullmatch(term) else modifiers if _is_modifier(term) else terms
            if term.lower() not in map(str.lower, place):
                place.append(term)
    added = [term for term in wanted if not _there(term, terms)]
    end = _end(ends, modifiers)
    modifiers = [term for term in modifiers if not (end and term.lower().startswith("redirect="))]
    return Merged(" ".join(["v=spf1", *terms, *added, *modifiers, *([end] if end else [])]), tuple(added))


def _is_modifier(term: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9._-]*=", term) is not None


def _there(term: str, terms: list[str]) -> bool:
    return any(one.lower().lstrip("+") == term.lower() for one in terms)


def _end(ends: list[str], modifiers: list[str]) -> str:
    if not ends and any(one.lower().startswith("redirect=") for one in modifiers):
        return ""
    return "-all" if any(one.startswith("-") for one in ends) else "~all"
