"""What a person wrote back: his own words, the mail that he quotes below them, and the names of what he attached."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.mail.mime import Part, decoded

LONGEST = 20_000  # characters that are kept of each
MOST = 20  # attachments that are named
LINES = 2_000
WROTE = re.compile(
    r"^(?:On|Am|Le|El|Il|Op|Em|Den|W dniu) .{5,300}(?:wrote|schrieb.{0,80}|crit|escribi\S|scritto|schreef.{0,80}|"
    r"escreveu|skrev.{0,80}|napisa\S{1,8})\s?:$"
)
ORIGINAL = re.compile(
    r"^[-_ ]{2,10}(?:Original|Urspr|Message d|Mensaje|Messaggio|Mensagem|Forwarded).{0,60}$|^_{20,}$"
)
FILE = re.compile(r"(?:file)?name\*?=(?:utf-8'')?[\"']?([^\"';\n]{1,200})", re.IGNORECASE)
POLITE = re.compile(
    r"\b(?:please|pls|bitte|thanks|thank you|danke|merci|por favor|me|us|this|the|your|from|list|e?mails?)\b"
)
WISHES = frozenset(
    (
        *("unsubscribe", "unsubscribe now", "stop", "stop it", "stop mailing", "stop sending", "remove", "remove list"),
        *("opt out", "optout", "take off", "abmelden", "abbestellen", "stopp", "désabonner", "désinscription"),
        *("desinscription", "baja", "darme de baja", "cancelar", "cancellami", "disiscrivimi", "afmelden", "uitschrijven"),
        "avregistrera",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """`own` and `quoted` are plain text; `files` are names only: nothing that came with a mail is opened."""

    own: str = ""
    quoted: str = ""
    files: tuple[str, ...] = ()


def answer(text: str, parts: Sequence[Part]) -> Answer:
    """Take the words of a mail apart. Who writes below or between what he quotes is left as he wrote."""
    own, quoted = _folded(text.replace("\r", "").strip().split("\n")[:LINES])
    return Answer(own[:LONGEST], quoted[:LONGEST], tuple(_files(parts)))


def asks_to_stop(own: str, subject: str) -> bool:
    """Whether a reply says that he wants no more mail, and nothing besides. It is shown to a person, who decides."""
    said = own.strip() or subject
    return len(said) < 120 and " ".join(POLITE.sub(" ", _letters(said)).split()) in WISHES


def _letters(text: str) -> str:
    return "".join(sign if sign.isalpha() else " " for sign in text.lower())


def _folded(lines: list[str]) -> tuple[str, str]:
    start = next((number for number in range(len(lines)) if _begins_quote(lines, number)), len(lines))
    return "\n".join(lines[:start]).strip(), "\n".join(lines[start:]).strip()


def _begins_quote(lines: Sequence[str], number: int) -> bool:
    line = lines[number].strip()
    if ORIGINAL.match(line):
        return True
    if line.startswith(">"):
        return _is_quoted(lines[number:])
    for length in (1, 2):  # programs break the line that says who wrote
        if WROTE.match(" ".join(each.strip() for each in lines[number : number + length])):
            return _is_quoted(lines[number + length :])
    return False


def _is_quoted(lines: Sequence[str]) -> bool:
    """Nobody wrote anything between or below it: all of it is marked, or none, as of a program that marks nothing."""
    said = [line for line in lines if line.strip()]
    marked = sum(line.lstrip().startswith(">") for line in said)
    return marked in (0, len(said))


def _files(parts: Sequence[Part]) -> list[str]:
    found = []
    for part in parts:
        disposition, kind = part.header("content-disposition"), part.header("content-type")
        named = FILE.search(disposition) or FILE.search(kind)
        if not part.original and (named or disposition.lower().startswith("attachment")):
            found.append(" ".join(decoded(named[1] if named else part.type).split())[:120])
    return found[:MOST]
