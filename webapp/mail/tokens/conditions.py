"""Conditions and blocks: `[=if …=]`, `[=else=]`, `[=end=]`, `[=each …=]`. Names and quoted constants, nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.mail.tokens.catalogue import TOKENS, key_of
from webapp.mail.tokens.lists import LISTS, items_of

WORDS = ("if", "else", "end", "each")
LONGEST = 300
_CONDITION = re.compile(
    r"(?P<name>[^\"'=!<>]{1,80})(?:(?P<sign>==?|!=)(?P<quote>[\"'])(?P<wanted>[^\"']*)(?P=quote))?"
)
_CURLY = str.maketrans("“”„‟″‘’‚‛′", "\"\"\"\"\"'''''")
_OTHER_HABITS = {
    "endif": "[=end=]",
    "end if": "[=end=]",
    "/if": "[=end=]",
    "endeach": "[=end=]",
    "end each": "[=end=]",
    "/each": "[=end=]",
    "endfor": "[=end=]",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a token has a value, or which. Case and outer blanks of a value do not count, as in names."""

    name: str
    key: str
    wanted: str | None = None
    negated: bool = False

    def holds(self, values: Mapping[str, str]) -> bool:
        """The answer for one recipient. A list counts as a value when it has an item."""
        value = (values.get(self.key) or "").strip()
        if self.wanted is not None:
            found = value.casefold() == self.wanted
        else:
            found = bool(items_of(value)) if self.key in LISTS and value.startswith("[") else bool(value)
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class Mark:
    """One bracket of a block. `condition` belongs to `if`, `list_key` to `each`; `source` is the whole of it."""

    word: str
    source: str
    start: int
    line: int
    condition: Condition | None = None
    list_key: str = ""

    @property
    def key(self) -> str:
        """A block has no value of its own."""
        return ""

    @property
    def opens(self) -> bool:
        return self.word in ("if", "each")


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a bracket of a block cannot be read, and what to do."""

    reason: str
    remedy: str


def is_mark(inside: str) -> bool:
    """Whether what stands in the brackets is meant as a part of a block and not as a token."""
    words = inside.split(None, 1)
    if not words:
        return False
    return words[0].lower() in WORDS or _habit(inside) in _OTHER_HABITS


def read_mark(inside: str, source: str, start: int, line: int) -> tuple[Mark, Misread | None]:
    """The bracket, and what is wrong with it. `inside` is plain text, without references of HTML."""
    if habit := _OTHER_HABITS.get(_habit(inside)):
        return Mark("end", source, start, line), Misread(
            "ends a block in another spelling.", f"Write {habit}."
        )
    word, _, rest = inside.strip().partition(" ")
    word, rest = inside.split(None, 1)[0].lower(), inside.strip()[len(word) :].strip()
    mark = Mark(word, source, start, line)
    if word in ("else", "end"):
        remedy = (
            f"Write [={word}=]."
            if word == "end"
            else "Write [=else=], and the next condition as [=if …=] behind it."
        )
        return mark, Misread(f"has more in it than “{word}”.", remedy) if rest else None
    if len(rest) > LONGEST:
        return mark, Misread("is too long.", "Shorten it.")
    return _each(mark, rest) if word == "each" else _if(mark, rest)


def _if(mark: Mark, rest: str) -> tuple[Mark, Misread | None]:
    straight = rest.translate(_CURLY)
    negated = straight[:4].lower() == "not " or straight[:4].lower() == "not\xa0"
    text = straight[4:].strip() if negated else straight
    found = _CONDITION.fullmatch(_tight(text))
    if found is None:
        example = '[=if Affiliate.CompanyName=], [=if not OfferEndDate=] or [=if OfferType = "CPA"=]'
        return mark, Misread("is not a condition.", f"Write for example {example}.")
    name = "".join(found["name"].split())
    wanted = found["wanted"]
    unequal = found["sign"] == "!="
    condition = Condition(
        name, key_of(name), None if wanted is None else wanted.strip().casefold(), negated is not unequal
    )
    misread = None
    if straight != rest:
        misread = Misread("has curly quotes.", f"Write it as [=if {straight}=].")
    return Mark(mark.word, mark.source, mark.start, mark.line, condition), misread


def _each(mark: Mark, rest: str) -> tuple[Mark, Misread | None]:
    known = LISTS.get(key_of(rest))
    if known is None:
        lists = " or ".join(f"[=each {spec.name}=]" for spec in LISTS.values())
        words = "names no list." if rest.strip() else "has no list."
        return mark, Misread(words, f"Write {lists}.")
    return Mark(mark.word, mark.source, mark.start, mark.line, None, known.key), None


def _tight(text: str) -> str:
    """Without the blanks around the sign, so that one simple pattern reads it."""
    for sign in ("!=", "="):
        name, found, constant = text.partition(sign)
        if found:
            return f"{name.strip()}{sign}{constant.lstrip('=').strip()}"
    return text.strip()


def _habit(inside: str) -> str:
    return " ".join(inside[:20].lower().split()) if len(inside) < 20 else ""


def valid_names() -> list[str]:
    """What a condition can ask for."""
    return [*(spec.name for spec in TOKENS.values()), *(spec.name for spec in LISTS.values())]
