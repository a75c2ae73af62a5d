"""Tells programs that open links from people who do, by what is known for certain. What is in doubt counts as a person.

Each answer is a short word that is kept with the click. Never decide about money or about a person by it: both ways can err.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HEAD, PREFETCH, PROGRAM, AT_ONCE, ALL_LINKS, PROXY = (
    "head", "prefetch", "program", "at_once", "all_links", "proxy"
)  # fmt: skip
WORDS = {
    HEAD: "asked for the headers only",
    PREFETCH: "loaded ahead, before anybody clicked",
    PROGRAM: "a program that says so",
    AT_ONCE: "within seconds of the mail’s arrival",
    ALL_LINKS: "several links of one mail within moments",
}
SOON = timedelta(seconds=10)
BURST = timedelta(seconds=5)
MANY = 3  # different links of one mail within a burst: nobody reads so fast

_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|scan|preview|monitor|prefetch|headless|python|curl|wget|libwww|okhttp|java/|go-http"
    r"|barracuda|mimecast|proofpoint|symantec|trendmicro|safelinks|googleimageproxy|yahoomailproxy|bitdefender",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hit:
    """One opening of one link: `number` is what tells it from all others, `machine` what is known of it so far."""

    number: int
    link: int
    at: datetime
    machine: str = ""


def at_the_door(method: str, headers: Mapping[str, str]) -> str:
    """What the request itself gives away; "" when it looks like a person's."""
    if method != "GET":
        return HEAD
    if any(headers.get(name, "").lower().startswith(("prefetch", "preview")) for name in _AHEAD):
        return PREFETCH
    agent = headers.get("user-agent", "")
    return PROGRAM if not agent or _PROGRAM.search(agent) else ""


def opened_by(method: str, headers: Mapping[str, str]) -> str:
    """The same for the picture of a message: Apple’s proxy, which loads it unread, names nothing but “Mozilla/5.0”."""
    bare = headers.get("user-agent", "").strip() == "Mozilla/5.0"
    return PROXY if bare else at_the_door(method, headers)


def by_pace(hits: Iterable[Hit], sent_at: datetime | None) -> dict[int, str]:
    """Among all hits of one mail those that only a program can have made, by number, and what gave it away.

    `sent_at` is when the server took the mail: nobody reads it within the first seconds.
    """
    ordered = sorted(hits, key=lambda hit: hit.at)
    found: dict[int, str] = {}
    near: Counter[int] = (
        Counter()
    )  # the links of the burst, counted: a flood of one link costs no more than its length
    first = judged = 0
    for place, hit in enumerate(ordered):
        near[hit.link] += 1
        while hit.at - ordered[first].at > BURST:
            near -= Counter((ordered[first].link,))
            first += 1
        if len(near) >= MANY:
            burst = ordered[max(first, judged) : place + 1]
            found.update((one.number, ALL_LINKS) for one in burst if not one.machine)
            judged = place + 1
        elif not hit.machine and sent_at is not None and hit.at < sent_at + SOON:
            found.setdefault(hit.number, AT_ONCE)
    return found
