"""The usual mistakes at DNS panels, recognised by name: in a value, and in the name under which it was put."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.domains.case import Case
from webapp.domains.lookup.answers import clipped

QUOTES = "\"'“”„‘’`"


@dataclass(frozen=True)
class Mistake:
    """`value` is what was meant, as far as it can be told."""

    name: str
    words: str
    value: str = ""


def in_value(values: Iterable[str], tag: str) -> Mistake | None:
    """What went wrong when a value that begins with `tag` ("v=spf1", "v=DMARC1", "v=DKIM1") w."""
    for value in values:
        bare = value.strip(f" \t{QUOTES}\xe2\x80\x9c\x9d")
        if not "".join(bare.split()).lower().startswith(tag.lower()):
            continue
        slug, words = _fault(value, bare, tag)
        if slug:
            return Mistake(slug, words, bare.replace("\\;", ";"))
    return None


def _fault(value: str, bare: str, tag: str) -> tuple[str, str]:
    if value[:1] in QUOTES or value[:1] == "\xe2":
        return "quotes", f"The quotes were pasted along with the value: {clipped(value[:60])}"
    if value[:1].isspace():
        return "leading blank", f"The value begins with a blank, so nobody takes it for a {tag} record."
    if tag == "v=spf1":
        lost = bare[:6].lower() == tag and bare[6:7] not in ("", " ")
        return (
            ("blank lost", "The blank behind v=spf1 is missing, so nobody reads the record.")
            if lost
            else ("", "")
        )
    if not bare.startswith(tag):
        return "capitals or blanks", f"It must begin with exactly {tag}; capitals and blanks count."
    if "\\;" in value:
        return "backslashes", "The semicolons were pasted with backslashes in front of them."
    if _lost(bare[len(tag) :]):
        return "semicolon lost", f"The semicolon behind {tag} is missing, so nobody reads the record."
    return "", ""


def _lost(rest: str) -> bool:
    return bool(rest.strip()) and not rest.lstrip().startswith(";")


def misplaced(case: Case, name: str, tag: str, more: Iterable[str] = ()) -> Mistake | None:
    """Whether the record that belongs at `name` was put somewhere else."""
    zone = case.zone_of(case.domain)
    for other, kind in _elsewhere(case, name, zone, more):
        answer = case.ask(other, "TXT")
        hits = [value for value in answer.values if value.strip(f" {QUOTES}").lower().startswith(tag.lower())]
        if hits and not _wildcard(case, zone, hits):
            words = _WORDS[kind].format(at=other, name=name, zone=zone, short=_short(name, zone))
            return Mistake(kind, words, hits[0].strip(f" {QUOTES}"))
    return None


_WORDS = {
    "doubled zone name": (
        "The record lies at {at}: your DNS provider appends {zone} by itself, so the zone’s name stands there twice."
        " Enter only “{short}” as its name."
    ),
    "underscore lost": "The record lies at {at}, without the underscore. Its name must be {name}.",
    "wrong name": "The record lies at {at}, where nobody looks for it. Its name must be {name}.",
}


def _elsewhere(case: Case, name: str, zone: str, more: Iterable[str]) -> Iterable[tuple[str, str]]:
    yield f"{name}.{zone}", "doubled zone name"
    if case.domain != zone:
        yield f"{name}.{case.domain}", "doubled zone name"
        yield name.replace(case.domain, f"{case.domain}.{zone}"), "doubled zone name"
    if "_" in name:
        yield name.replace("_", ""), "underscore lost"
    for other in more:
        yield other, "wrong name"


def _wildcard(case: Case, zone: str, hits: list[str]) -> bool:
    """A zone with a wildcard answers for every name; that is no misplaced record."""
    return any(hit in case.ask(f"no-such-name-here.{zone}", "TXT").values for hit in hits)


def _short(name: str, zone: str) -> str:
    return "@" if name == zone else name.removesuffix(f".{zone}")
