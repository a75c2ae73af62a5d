"""What a rule says about a mail: a verdict, words, what it saw and where, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.verdict import WORST_FIRST, Verdict

EXCERPT = 160  # characters of a mail that are shown of one place
SHOWN = 5  # places that are shown of one finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in a mail. `part` is mail, header, HTML or text, `line` its line there from 1; 0: nowhere in particular."""

    part: str
    line: int
    excerpt: str

    def __str__(self) -> str:
        where = f"{self.part}, line {self.line}" if self.line else self.part
        return f"{where}: {self.excerpt}" if self.excerpt else where


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    words: str
    remedy: str = ""
    evidence: tuple[Evidence, ...] = ()


def seen(part: str, line: int, excerpt: str = "") -> Evidence:
    """A place, with what stands there shortened and without what a terminal would obey."""
    flat = " ".join(excerpt[: 2 * EXCERPT].split())
    shown = "".join(char if char.isprintable() else "?" for char in flat)
    return Evidence(part, line, shown if len(shown) <= EXCERPT else f"{shown[: EXCERPT - 1]}…")


def fails(words: str, remedy: str, *evidence: Evidence) -> Finding:
    return Finding(Verdict.FAIL, words, remedy, evidence)


def warns(words: str, remedy: str, *evidence: Evidence) -> Finding:
    return Finding(Verdict.WARN, words, remedy, evidence)


def unknown(words: str, remedy: str = "", *evidence: Evidence) -> Finding:
    return Finding(Verdict.UNKNOWN, words, remedy, evidence)


def not_needed(words: str) -> Finding:
    return Finding(Verdict.NOT_NEEDED, words)


def passed(words: str, *evidence: Evidence) -> Finding:
    return Finding(Verdict.PASS, words, "", evidence)


def merged(findings: Iterable[Finding], passes: str) -> Finding:
    """One finding of all that a rule had to say: the worst verdict, each sentence once. Nothing to say is a pass."""
    every = list(findings)
    if not every:
        return passed(passes)
    worst = min((one.verdict for one in every), key=WORST_FIRST.index)
    counted = [one for one in every if one.verdict is worst]
    also = [one for one in every if one.verdict in (Verdict.WARN, Verdict.FAIL) and one not in counted]
    said = counted + also
    return Finding(
        worst,
        " ".join(dict.fromkeys(one.words for one in said)),
        " ".join(dict.fromkeys(one.remedy for one in said if one.remedy)),
        tuple(dict.fromkeys(place for one in said for place in one.evidence))[:SHOWN],
    )
