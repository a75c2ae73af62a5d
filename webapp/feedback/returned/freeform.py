"""Bounces without a report: who was not reached, and what the server said about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.feedback.returned import addresses

LINES = 400  # of a bounce that are looked at
MOST = 200  # addresses that are looked at
OWN_LINE, NAMED_BEFORE, ELSEWHERE = 2, 1, 0
AFTER = 8  # lines behind an address that can belong to it
ENCLOSED = re.compile(
    r"(?i)^\W{0,12}(?:.{0,40}(?:original|returned|unsent|undelivered|failed|"
    r"rejected) (?:e-?mail )?(?:message|mail)(?: headers?| text| body| content| follows| below|"
    r"[ :.\-=*_]{0,80}$)|(?:this is |here is |below (?:this line )?is )?an? copy of (?:the|your|"
    r"my)|(?:the )?(?:text|headers?|body|start|contents?|first .{1,20}) of (?:the |your |"
    r"my )?(?:original|returned|message|mail)|(?:the )?header(?:s)? (?:of|follow)|"
    r"message (?:header|text|body|follows|contents)|(?:your|the) (?:message|"
    r"mail) (?:is (?:enclosed|attached)|follows|reads)|begin (?:original|message)|"
    r"included (?:is|below) .{0,30}(?:copy|message)|original (?:message|mail)|"
    r"ursprüngliche nachricht|message d.origine|mensaje original|messaggio originale|"
    r"unsent message below|forwarded message|--- below|returned message)"
)
SPEAKING = re.compile(
    r"(?i)\b(?:please|do not|don.t|re-?send|delete)\b"
)  # of the returned mail, not announcing it
HEADERS = re.compile(
    r"^(?:[>|] ?)?(?:Received:[ \t]*\(?(?:from|by|via)\b|Return-Path: ?<|DKIM-Signature:|"
    r"Message-ID:[ \t]*<|X-Apparently-To:)",
    re.IGNORECASE,
)
SENT_LINE = re.compile(
    r"^\W{0,6}(?:from|to|cc|bcc|reply-to|sender|von|an|de|à|da|a|envelope-sender|"
    r"original sender|sender-mta|return-path|message-id|subject|betreff|references|in-reply-to|"
    r"messagename|id)[ \t]*:",
    re.IGNORECASE,
)
TO_LINE = re.compile(r"^\W{0,6}(?:to|an|à)[ \t]*:", re.IGNORECASE)
NAMED = re.compile(
    r"(?i)(?:rcpt to|recipients?(?: address| name)?|address|addressee|e?-?mail|user(?:id)?|"
    r"mailbox|account|delivered to|deliver to|delivery to|reach|addressed(?: to|,)|failed for|"
    r"unknown user|sent to|send to|destinataire|empfänger|destinatario|получател\w*|for|"
    r"""to)[ \t]*[:=-]?[ \t\"'<\[(*]{0,6}(?:rfc822;|smtp:|mailto:)?[ \t]*$"""
)
ALONE = re.compile(r"^[\W_]*(?:rfc822;|smtp:|mailto:|to:)?[\W_]*$", re.IGNORECASE)
BARE = re.compile(
    r"(?i)\b(?:following (?:recipients?|users?|address(?:es)?)|delivered to)\b[^:]{0,300}:[ \t]*\n(?:[ \t]*\n)?"
    r"((?:[ \t]{1,40}[\w.+-]{2,64}(?:[ \t]{2,40}\w[^\n]{0,200})?[ \t]{0,40}(?:\n|\Z)){1,50})"
)
EXPANDED = re.compile(rf"(?i)expanded from:? {{0,4}}<?({addresses.ADDRESS.pattern})")
GATEWAY = re.compile(r"^(?:smtp|rfc-?822)=", re.IGNORECASE)
BEHIND = re.compile(
    r"""^[\"'>)\]]{0,3}[ \t]*(?:$|:|\.\.\.|,|;|\.?$|-|\(|\[|=|\*| on \w|is |was |does|doesn|has |"""
    r"not |unknown|invalid|no |user|mailbox|failed|could|couldn|can|did|recipient|account|said|"
    r"\d{3}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An address and the words around it."""

    address: str
    words: str
    place: int  # what says that it is the one that failed: the line that it has for itself, the words before it, or nothing


def told(text: str) -> tuple[str, str]:
    """What the server tells, and the mail that it returns behind that."""
    lines = text.split("\n")[: LINES * 5]
    for number, line in enumerate(lines):
        if HEADERS.match(line) or (number and _announces(line)):
            ahead = "\n".join(lines[:number])
            if ahead.strip():
                return ahead, "\n".join(lines[number:])
    return text, ""


def mentions(text: str) -> list[Mention]:
    """The addresses of a bounce's own text in their order."""
    lines = text.split("\n")[:LINES]
    places = list(islice(_places(lines), MOST))
    found = []
    for index, (number, address, place) in enumerate(places):
        following = next(
            (
                at
                for at, other, certain in places[index + 1 :]
                if at > number and certain > ELSEWHERE and not addresses.same(other, address)
            ),
            len(lines),
        )
        found.append(
            Mention(
                address,
                "\n".join(line[:1_000] for line in lines[number : min(following, number + AFTER)]),
                place,
            )
        )
    return found


def _announces(line: str) -> bool:
    return len(line) < 200 and bool(ENCLOSED.match(line)) and not SPEAKING.search(line)


def _places(lines: list[str]) -> Iterator[tuple[int, str, int]]:
    for number, line in enumerate(lines):
        line = line[:1_000]
        if "@" not in line or (SENT_LINE.match(line) and not TO_LINE.match(line)):
            continue
        weak = bool(SENT_LINE.match(line))
        for found in addresses.ADDRESS.finditer(line):
            address = addresses.cleaned(found.group())
            if not address:
                continue
            ahead, behind = line[: found.start()], line[found.end() :]
            alone = GATEWAY.match(found.group()) or (ALONE.match(ahead) and BEHIND.match(behind))
            place = OWN_LINE if alone else NAMED_BEFORE if NAMED.search(ahead[-60:]) else ELSEWHERE
            yield number, address, ELSEWHERE if weak else place


def aliases(text: str) -> list[str]:
    """The addresses that were written to, where the server tells them beside those that they lead to."""
    return [found[1] for found in islice(EXPANDED.finditer(text), MOST)]


def bare_names(text: str) -> list[str]:
    """People of the writer's own domain, whom it names without it."""
    found = BARE.search(text)
    return [line.split()[0] for line in found[1].splitlines() if line.strip()][:MOST] if found else []
