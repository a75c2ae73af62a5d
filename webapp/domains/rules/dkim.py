"""D09–D11: whether receivers can check our signatures (RFC 6376, 8301, 8463)."""

import re
from base64 import b64decode
from datetime import timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from webapp.db import utcnow
from webapp.domains.case import Case
from webapp.domains.lookup.answers import Answer, Found
from webapp.domains.rules import mistakes
from webapp.domains.rules.findings import Finding, Paste, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.table import PERMISSION, rule
from webapp.domains.subject import Key
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.dkim.records import fault_of
from webapp.verdict import Verdict

STRONG, WEAK = 2048, 1024  # bits of an RSA key (RFC 8301 §3.2)
OLD = timedelta(days=366)
FRESH = timedelta(days=30)  # how long a live test counts


def signing(case: Case) -> list[Key]:
    return [key for key in case.subject.keys if key.state == "active"]


def waiting(case: Case) -> list[Key]:
    return [key for key in case.subject.keys if key.state == "pending"]


def paste_of(case: Case, key: Key) -> Paste:
    note = f"In strings of at most 255 bytes: {' '.join(f'{chr(34)}{one}{chr(34)}' for one in key.record.strings)}"
    return case.paste(
        "TXT", key.record.name, key.record.value, note=note if len(key.record.strings) > 1 else ""
    )


@rule("D09", "DKIM record", PERMISSION, blocking=True)
def dkim_record(case: Case) -> Finding:
    """The record of each key in use is there once, and holds our own public key byte for byte (RFC 6376 §3.6.1)."""
    keys = signing(case) or waiting(case)
    if not keys:
        return _no_key(case)
    answers = [case.ask(key.record.name, "TXT") for key in keys]
    faults = [
        (key, fault_of(key.record, one.values)) for key, one in zip(keys, answers, strict=True) if one.known
    ]
    bad = [(key, fault) for key, fault in faults if fault]
    if bad:
        return _faulty(case, bad, answers)
    if any(not one.known for one in answers):
        return unanswered(*answers)
    names = ", ".join(key.record.selector for key in keys)
    if not signing(case):
        key = keys[0].record
        remedy = f"Sign with it now: Domain check, DKIM keys, or offerpost dkim activate {key.domain} {key.selector}."
        words = f"The record of {names} is there and holds our key; it signs nothing yet."
        return found(Verdict.PASS, words, *answers, remedy=remedy)
    behind = [key for key in waiting(case) if fault_of(key.record, case.ask(key.record.name, "TXT").values)]
    if behind:
        words = (
            f"{names} is fine. {behind[0].record.selector}, which is to take its place, is not published yet."
        )
        return found(Verdict.WARN, words, *answers, records=tuple(paste_of(case, key) for key in behind))
    return passed(f"The published key is the one we sign with (selector {names}).", *answers)


def _faulty(case: Case, bad: list[tuple[Key, str]], answers: list[Answer]) -> Finding:
    key, words = bad[0]
    published = case.ask(key.record.name, "TXT").values
    mistake = mistakes.in_value(published, "v=DKIM1") or _spoilt(key, published)
    if mistake is None and not published:
        short = key.record.name.replace("._domainkey", "")
        mistake = mistakes.misplaced(case, key.record.name, "v=DKIM1", (short, case.domain))
    words = mistake.words if mistake else words
    name = mistake.name if mistake else ""
    records = tuple(paste_of(case, one) for one, _ in bad)
    return found(Verdict.FAIL, words, *answers, records=records, mistake=name)


def _spoilt(key: Key, published: tuple[str, ...]) -> mistakes.Mistake | None:
    if len(published) != 1:
        return None
    value = "".join(published[0].split())
    if key.record.public.lower() in value.lower() and key.record.public not in value:
        words = "The key was turned into small letters, which makes it another key."
        return mistakes.Mistake("lower-cased", words)
    tail = re.sub(r'["\s]', "", value.partition("p=")[2])
    if tail == key.record.public and '"' in published[0]:
        return mistakes.Mistake(
            "quotes", "The value was pasted with quotes inside it; receivers can’t read the key."
        )
    if tail and key.record.public.startswith(tail):
        words = (
            f"The key is cut off after {len(tail)} of {len(key.record.public)} characters; paste it whole."
        )
        return mistakes.Mistake("cut off", words)
    return None


def _no_key(case: Case) -> Finding:
    """The name _domainkey exists as soon as any selector does, if the name server follows RFC 8020."""
    if case.subject.way.provider:
        words = "Offerpost has no key for this domain; your provider may sign by itself."
        remedy = (
            f"Make a key with offerpost dkim add {case.domain}, or send a live test and paste its headers."
        )
        return unknown(words, remedy=remedy)
    answer = case.ask(f"_domainkey.{case.domain}", "TXT")
    if not answer.known:
        return unanswered(answer)
    remedy = f"Make a key: Domain check, DKIM keys, or offerpost dkim add {case.domain}. It prints the record to paste."
    if answer.found is Found.NXDOMAIN:
        return found(
            Verdict.FAIL, "Nothing signs your mail: there is no key and no record.", answer, remedy=remedy
        )
    words = "Offerpost has no key for this domain. Somebody publishes keys for it, but not which ones sign."
    return unknown(words, answer, remedy=remedy)


@rule("D10", "DKIM strength", PERMISSION)
def dkim_strength(case: Case) -> Finding:
    """RSA of 2048 bits or more, no t=y in the record once it signs, a key of less than a year."""
    keys = signing(case) or waiting(case)
    if not keys:
        return not_needed("There is no key of ours to measure.")
    answers = [case.ask(key.record.name, "TXT") for key in keys]
    bits = {key.record.selector: _bits(key) for key in keys if key.record.algorithm is Algorithm.RSA}
    weak = [name for name, size in bits.items() if size < WEAK]
    rotate = f"Make a new key beside it: offerpost dkim rotate {case.domain}."
    if weak:
        return found(
            Verdict.FAIL, f"{weak[0]} has fewer than {WEAK} bits; receivers ignore it.", remedy=rotate
        )
    if any(not one.known for one in answers):
        return unanswered(*answers)
    advice = [
        f"{name} has {size} bits; {STRONG} are asked for today."
        for name, size in bits.items()
        if size < STRONG
    ]
    advice += [
        f"{key.record.selector} says t=y, so receivers treat its signatures as a test. Take t=y out."
        for key, answer in zip(keys, answers, strict=True)
        if key.state == "active" and any(re.search(r";\s*t\s*=[^;]*\by\b", value) for value in answer.values)
    ]
    advice += [
        f"{key.record.selector} is more than a year old." for key in keys if utcnow() - key.created_at > OLD
    ]
    if not bits:
        advice.append("Only an Ed25519 key signs; many receivers can check RSA alone.")
    if advice:
        return found(Verdict.WARN, " ".join(advice), *answers, remedy=rotate)
    sizes = ", ".join(f"{name}: {size} bits" for name, size in bits.items())
    return passed(f"The keys are strong ({sizes}).", *answers)


def _bits(key: Key) -> int:
    try:
        public = load_der_public_key(b64decode(key.record.public))
    except (ValueError, UnsupportedAlgorithm):
        return 0
    return public.key_size if isinstance(public, RSAPublicKey) else 0


@rule("D11", "A signed mail arrives", PERMISSION)
def dkim_live(case: Case) -> Finding:
    """Only a mail that has arrived shows whether its signature survived the way."""
    at = case.subject.looped_at
    remedy = "Make a loop test: Domain check, Live test."
    if at is None or utcnow() - at > FRESH:
        return unknown("No mail has been looked at on arrival yet.", remedy=remedy)
    if case.subject.loop == "pass":
        return passed(f"A mail that arrived on {at:%d %b} had a signature of this domain that verified.")
    third = case.subject.loop.startswith("third party")
    return found(
        Verdict.WARN if third else Verdict.FAIL,
        f"Live test of {at:%d %b}: {case.subject.loop}",
        remedy=remedy,
    )
