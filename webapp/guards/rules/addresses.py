"""P16: addresses that tell of a careless list: roles instead of people, typing errors, throw-away mailboxes."""

from collections.abc import Iterable, Mapping

from webapp.guards.judgement import Judgement, percent
from webapp.verdict import Verdict

ROLES = frozenset(
    [
        "abuse",
        "admin",
        "billing",
        "contact",
        "hello",
        "help",
        "hostmaster",
        "info",
        "jobs",
        "mail",
        "marketing",
        "noreply",
        "no-reply",
        "office",
        "postmaster",
        "root",
        "sales",
        "security",
        "spam",
        "support",
        "team",
        "webmaster",
    ]
)
TYPOS: Mapping[str, str] = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gnail.com": "gmail.com",
    "gamil.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "hotmai.com": "hotmail.com",
    "outlok.com": "outlook.com",
    "outlook.con": "outlook.com",
    "yaho.com": "yahoo.com",
    "yahoo.con": "yahoo.com",
    "yhaoo.com": "yahoo.com",
    "icloud.con": "icloud.com",
}
DISPOSABLE = frozenset(
    [
        "mailinator.com",
        "guerrillamail.com",
        "10minutemail.com",
        "yopmail.com",
        "trashmail.com",
        "tempmail.com",
        "sharklasers.com",
        "getnada.com",
        "maildrop.cc",
        "dispostable.com",
    ]
)
TOLERATED = 2  # in a hundred
SHOWN = 5


def suspicious(address: str) -> str:
    """Why an address tells of a careless list ("a role", "typed wrongly", "throw-away"), or an empty text."""
    local, _, domain = address.lower().rpartition("@")
    if domain in TYPOS:
        return "typed wrongly"
    if domain in DISPOSABLE:
        return "throw-away"
    return "a role" if local.split("+")[0] in ROLES else ""


def judge(addresses: Iterable[str]) -> Judgement:
    """Of all active affiliates."""
    found: dict[str, list[str]] = {}
    total = 0
    for address in addresses:
        total += 1
        why = suspicious(address)
        if why:
            found.setdefault(why, []).append(address)
    bad = sum(len(those) for those in found.values())
    if not total:
        return Judgement("P16", "List quality", Verdict.UNKNOWN, "There are no active affiliates yet.")
    wrong = bool(found.get("typed wrongly")) or bad * 100 >= total * TOLERATED
    words = f"{bad:,} of {total:,} addresses look careless ({percent(bad, total)})."
    return Judgement(
        "P16",
        "List quality",
        Verdict.WARN if wrong else Verdict.PASS,
        words if bad else f"None of {total:,} addresses looks careless.",
        "Ask these affiliates for the address of a person, and put typing errors right." if wrong else "",
        tuple(
            f"{why}: {', '.join(those[:SHOWN])}{f' and {len(those) - SHOWN} more' if len(those) > SHOWN else ''}"
            for why, those in sorted(found.items())
        ),
    )
