"""Bounces without a report: who was not reached, and what the server said about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.feedback.returned import addresses

LINES = 400  # of a bounce that are looked at
MOST = 200  # addresses that are looked at
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
    r"mailbox|account|delivered to|deliver to|delivery to|reach|addressed to|failed for|"
    r"unknown user|sent to|send to|destinataire|empfänger|destinatario|получател\w*|for|"
    r"""to)[ \t]*[:=-]?[ \t\"'<\[(*]{0,6}(?:rfc822;|smtp:|mailto:)?[ \t]*$"""
)
ALONE = re.compile(r"^[\W_]*(?:rfc822;|smtp:|mailto:|to:)?[\W_]*$", re.IGNORECASE)
BARE = re.compile(
    r"(?i)\bfollowing recipients?\b[^:]{0,300}:[ \t]*\n((?:[ \t]+[\w.+-]{2,64}[ \t]*\n?){1,50})"
)
GATEWAY = re.compile(r"^(?:smtp|rfc-?822)=", re.IGNORECASE)
BEHIND = re.compile(
    r"""^[\"'>)\]]{0,3}[ \t]*(?:$|:|\.\.\.|,|;|\.?$|-|\(|\[|=|\*| on \w|is |was |does|doesn|has |"""
    r"not |unknown|invalid|no |user|mailbox|failed|could|couldn|can|did|recipient|account|said|"
    r"\d{3}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An address and the words around it. `sure` when its place says that it is the one that failed."""

    address: str
    words: str
    sure: bool


def told(text: str) -> tuple[str, str]:
    """What the server tells, and the mail that it returns behind that."""
    lines = text.split("\n")[: LINES * 5]
    for number, line in enumerate(lines):
        if HEADERS.match(line) or (number and len(line) < 200 and ENCLOSED.match(line)):
            ahead = "\n".join(lines[:number])
            if ahead.strip():
                return ahead, "\n".join(lines[number:])
    return text, ""


def mentions(text: str) -> list[Mention]:
    """The addresses of a bounce's own text in their order."""
    lines = text.split("\n")[:LINES]
    places = list(islice(_places(lines), MOST))
    found = []
    for index, (number, address, sure) in enumerate(places):
        following = next(
            (
                at
                for at, other, certain in places[index + 1 :]
                if at > number and certain and not addresses.same(other, address)
            ),
            len(lines),
        )
        found.append(
            Mention(
                address,
                "\n".join(line[:1_000] for line in lines[number : min(following, number + AFTER)]),
                sure,
            )
        )
    return found


def _places(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
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
            placed = (
                bool(GATEWAY.match(found.group()))
                or bool(ALONE.match(ahead) and BEHIND.match(behind))
                or bool(NAMED.search(ahead[-60:]))
            )
            yield number, address, placed and not weak


def bare_names(text: str) -> list[str]:
    """People of the writer's own domain, whom it names without it."""
    found = BARE.search(text)
    return [line.strip() for line in found[1].splitlines() if line.strip()][:MOST] if found else []
