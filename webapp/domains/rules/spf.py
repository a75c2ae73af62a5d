"""D05–D08: the SPF record, whom it lets send, what it costs (RFC 7208)."""

import ipaddress
from itertools import islice

from webapp.domains.case import Case
from webapp.domains.lookup.answers import Found, clipped
from webapp.domains.rules import mistakes
from webapp.domains.rules.findings import Finding, Paste, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.table import PERMISSION, SERVER, rule
from webapp.domains.spf.evaluate import LOOKUPS, VOIDS, Outcome, check_host, survey
from webapp.domains.spf.merge import merge
from webapp.domains.spf.record import BadRecord, Network, is_spf, parse, select
from webapp.verdict import Verdict

NEAR, LONG = 8, 450  # look-ups and bytes from which on it gets tight
SAMPLES = 6  # networks of a provider that are tried


def wanted_terms(case: Case) -> list[str]:
    """What has to stand in the record so that mail may leave as it does."""
    includes = [f"include:{one}" for one in case.subject.way.includes]
    return includes + [f"ip{ipaddress.ip_address(one).version}:{one}" for one in case.egress]


def merged_record(case: Case, *, missing: list[str] | None = None, meant: str = "") -> Paste:
    """The whole record to have: what is there, and what is missing in it."""
    name = case.subject.envelope
    existing = [text for text in select(case.ask(name, "TXT").values) if _readable(text)]
    if not existing and is_spf(meant) and _readable(meant):
        existing = [meant]
    result = merge(existing, wanted_terms(case) if missing is None else missing)
    cost = len(case.survey.cost.terms) + sum(_cost(case, term) for term in result.added)
    note = f"Uses {cost} of {LOOKUPS} look-ups."
    if cost > LOOKUPS:
        note = f"It would need {cost} look-ups, and only {LOOKUPS} are allowed: send from a sub-domain of its own."
    if not existing and not result.added:
        note = "It lets nobody send yet: add the ip4: or include: of your mail server in front of ~all."
    return case.paste(
        "TXT", name, result.text, replaces=" and ".join(existing), added=result.added, note=note
    )


def _cost(case: Case, term: str) -> int:
    target = term.partition("include:")[2]
    return 1 + survey(case.resolver, target).cost.lookups if target else 0


def _readable(text: str) -> bool:
    try:
        parse(text)
    except BadRecord:
        return False
    return True


@rule("D05", "One SPF record", PERMISSION, blocking=True)
def spf_one_record(case: Case) -> Finding:
    """Exactly one TXT record that begins with v=spf1 (RFC 7208 §3.2, 4.5)."""
    name = case.subject.envelope
    answer = case.ask(name, "TXT")
    if not answer.known:
        return unanswered(answer)
    records = select(answer.values)
    if len(records) > 1:
        words = f"There are {len(records)} SPF records; receivers then take none. Make one of them."
        remedy = "Delete all but one, and put this in its place."
        return found(Verdict.FAIL, words, answer, remedy=remedy, records=(merged_record(case),))
    if not records:
        return _no_record(case, name)
    old = case.ask(name, "SPF")
    if old.found is Found.RECORDS:
        words = "There is one SPF record, and one of the abandoned type SPF (99) beside it."
        return found(
            Verdict.WARN, words, answer, old, remedy="Delete the record of type SPF; TXT is what counts."
        )
    return passed("There is exactly one SPF record.", answer)


def _no_record(case: Case, name: str) -> Finding:
    answer = case.ask(name, "TXT")
    mistake = mistakes.in_value(answer.values, "v=spf1") or mistakes.misplaced(
        case, name, "v=spf1", (f"_spf.{name}", f"spf.{name}", f"www.{name}")
    )
    words = mistake.words if mistake else f"There is no SPF record at {name}."
    record = merged_record(case, meant=mistake.value if mistake else "")
    slug = mistake.name if mistake else ""
    return found(Verdict.FAIL, words, answer, records=(record,), mistake=slug)


@rule("D06", "SPF lets your server send", PERMISSION, blocking=True)
def spf_authorises(case: Case) -> Finding:
    """The record is evaluated as receivers do it, for every address from which mail leaves (RFC 7208 §4)."""
    worst = case.survey
    if worst.result == "temperror":
        return unknown(
            f"We couldn’t find out: {worst.reason}", *_trail(worst), remedy="Check again in some minutes."
        )
    if worst.result == "none":
        words = f"{case.subject.envelope} has no SPF record that could let anybody send."
        return found(
            Verdict.FAIL, words, case.ask(case.subject.envelope, "TXT"), records=(merged_record(case),)
        )
    if case.subject.way.includes:
        return _provider(case)
    if worst.result == "permerror":
        words = f"The record can’t be used: {worst.reason}. Receivers treat that as a failure."
        return found(Verdict.FAIL, words, *_trail(worst), records=(_corrected(case),))
    if not case.egress:
        silent = [one for one in case.egress_answers if not one.known]
        if silent:
            return unanswered(*silent)
        remedy = "Choose under Email settings how mail leaves, then check again."
        return unknown(
            "From which address your mail leaves can’t be seen from here.", *_trail(worst), remedy=remedy
        )
    return _own_server(case)


def _own_server(case: Case) -> Finding:
    outcomes = case.spf
    evidence = [line for one, outcome in outcomes.items() for line in _told(one, outcome)]
    trouble = next((one for one in outcomes.values() if one.result in ("temperror", "permerror")), None)
    if trouble is not None and trouble.result == "temperror":
        return unknown(
            f"We couldn’t find out: {trouble.reason}", *evidence, remedy="Check again in some minutes."
        )
    left_out = [one for one, outcome in outcomes.items() if outcome.result != "pass"]
    if not left_out:
        return passed(f"The record lets {_listed(list(outcomes))} send.", *evidence, *_trail(case.survey))
    results = {outcomes[one].result for one in left_out}
    soft = results <= {"softfail", "neutral"}
    terms = [f"ip{ipaddress.ip_address(one).version}:{one}" for one in left_out]
    words = f"There is a record, but {_listed(left_out)} isn’t in it ({', '.join(sorted(results))})."
    if trouble is not None:
        words = f"The record can’t be used: {trouble.reason}."
    return found(
        Verdict.WARN if soft else Verdict.FAIL,
        words,
        *evidence,
        *_trail(case.survey),
        records=(merged_record(case, missing=terms),),
    )


def _provider(case: Case) -> Finding:
    """Whether the provider’s addresses are let through: by its include, by a redirect, or flattened to networks."""
    verdicts = {target: _lets(case, target) for target in case.subject.way.includes}
    evidence = _trail(case.survey)
    missing = [f"include:{one}" for one, result in verdicts.items() if result != "pass"]
    if "temperror" in verdicts.values():
        return unknown("We couldn’t find out: a name server did not answer.", *evidence)
    if not missing:
        return passed(f"The record lets {', '.join(verdicts)} send.", *evidence)
    fatal = "permerror" in verdicts.values() or case.survey.result == "permerror"
    soft = all(result in ("pass", "softfail", "neutral") for result in verdicts.values())
    words = f"There is a record, but {missing[0]} isn’t in it."
    if fatal:
        words = f"The record can’t be used: {case.survey.reason or 'it breaks the rules of SPF'}."
    paste = merged_record(case, missing=missing)
    return found(Verdict.WARN if soft else Verdict.FAIL, words, *evidence, records=(paste,))


def _lets(case: Case, target: str) -> str:
    """What SPF says to addresses of the provider."""
    envelope = case.subject.envelope
    there = survey(case.resolver, target)
    if there.result == "temperror":
        return "pass" if target in case.survey.cost.records else "temperror"
    samples = [str(network[0]) for network in islice(_networks(there), SAMPLES)]
    if not samples:
        return "pass" if target in case.survey.cost.records or _named(case, target) else case.survey.result
    results = [check_host(case.resolver, one, envelope, f"bounce@{envelope}").result for one in samples]
    return next((result for result in results if result != "pass"), "pass")


def _named(case: Case, target: str) -> bool:
    return any(f"include:{target}" in term.lower() for term in case.survey.cost.terms)


def _networks(outcome: Outcome) -> list[Network]:
    found_networks = []
    for text in outcome.cost.records.values():
        try:
            record = parse(text)
        except BadRecord:
            continue
        found_networks += [one.network for one in record.mechanisms if one.network and one.result == "pass"]
    return found_networks


@rule("D07", "SPF stays within its limits", PERMISSION)
def spf_limits(case: Case) -> Finding:
    """At most ten look-ups and two empty ones, no loop, and an end that refuses strangers (RFC 7208 §4.6.4, 5.5)."""
    worst = case.survey
    cost = worst.cost
    if worst.result == "temperror":
        return unknown(
            f"We couldn’t find out: {worst.reason}", *_trail(worst), remedy="Check again in some minutes."
        )
    if worst.result == "none":
        return not_needed("There is no SPF record to measure.")
    problems = _fatal(worst)
    if problems:
        return found(
            Verdict.FAIL, " ".join(problems), *_trail(worst), remedy=_FLATTEN, records=(_corrected(case),)
        )
    advice = _advice(worst)
    if advice:
        records = (_corrected(case),) if any("all" in one for one in advice) else ()
        return found(Verdict.WARN, " ".join(advice), *_trail(worst), records=records)
    return passed(f"It uses {cost.lookups} of {LOOKUPS} look-ups.", *_trail(worst))


_FLATTEN = (
    "Take out what you no longer use, or send this mail from a sub-domain with an SPF record of its own."
)


def _fatal(worst: Outcome) -> list[str]:
    cost = worst.cost
    problems = []
    if cost.lookups > LOOKUPS:
        count = f"{cost.lookups}" if worst.result != "permerror" else f"more than {cost.lookups - 1}"
        problems.append(f"It needs {count} DNS look-ups; more than {LOOKUPS} make it worthless.")
    elif worst.result == "permerror":
        problems.append(f"It breaks the rules: {worst.reason}.")
    if cost.voids > VOIDS:
        problems.append(f"{cost.voids} of its look-ups find nothing; more than {VOIDS} make it worthless.")
    open_to_all = [name for name, text in cost.records.items() if _all_of(text) == "pass"]
    if open_to_all:
        problems.append(f"+all at {open_to_all[0]} lets the whole world send in your name.")
    return problems


def _advice(worst: Outcome) -> list[str]:
    cost, text = worst.cost, next(iter(worst.cost.records.values()), "")
    advice = []
    if cost.lookups >= NEAR:
        advice.append(f"It uses {cost.lookups} of {LOOKUPS} DNS look-ups: one more include may be too much.")
    if any(term.lower().lstrip("+-~?").startswith("ptr") for term in cost.terms):
        advice.append("ptr is slow and discouraged (RFC 7208 §5.5); name the addresses with ip4: instead.")
    end = _all_of(text)
    if end == "neutral" or (not end and "redirect=" not in text.lower()):
        advice.append("It says nothing about strangers: let it end with ~all.")
    if len(text) > LONG:
        advice.append(f"It is {len(text)} bytes long; answers above {LONG} bytes get lost at some receivers.")
    if cost.voids:
        advice.append(f"{cost.voids} of its look-ups find nothing; take those terms out.")
    return advice


def _all_of(text: str) -> str:
    try:
        record = parse(text)
    except BadRecord:
        return ""
    return next((one.result for one in record.mechanisms if one.name == "all"), "")


def _corrected(case: Case) -> Paste:
    """What is there with a proper end, and with what is missing; terms that nobody can read are left out."""
    answer = case.ask(case.subject.envelope, "TXT")
    paste = merged_record(case)
    if paste.replaces or not (records := select(answer.values)):
        return paste
    usable = [term for term in records[0][6:].split() if _readable(f"v=spf1 {term}")]
    result = merge([f"v=spf1 {' '.join(usable)}"], wanted_terms(case))
    return case.paste("TXT", case.subject.envelope, result.text, replaces=records[0], added=result.added)


@rule("D08", "SPF of the server’s own name", SERVER)
def spf_helo(case: Case) -> Finding:
    """Receivers may ask SPF for the name with which the server greets (RFC 7208 §2.3)."""
    way = case.subject.way
    helo = way.helo or way.host
    if way.provider:
        return not_needed("Your provider’s servers greet with names of their own.")
    if not case.egress or not helo:
        return unknown("With which name your server greets can’t be seen from here.")
    outcomes = {one: check_host(case.resolver, one, helo, f"postmaster@{helo}", helo) for one in case.egress}
    evidence = [line for one, outcome in outcomes.items() for line in _told(one, outcome, helo)]
    results = {outcome.result for outcome in outcomes.values()}
    if "temperror" in results:
        return unknown("We couldn’t find out: a name server did not answer.", *evidence)
    if results <= {"pass", "none"}:
        return passed(f"SPF of {helo} lets it send, or says nothing.", *evidence)
    paste = case.paste("TXT", helo, "v=spf1 a -all")
    verdict = Verdict.WARN if results <= {"pass", "none", "softfail", "neutral"} else Verdict.FAIL
    return found(verdict, f"The SPF record of {helo} does not let it send.", *evidence, records=(paste,))


def _told(address: str, outcome: Outcome, name: str = "") -> list[str]:
    because = f', matched "{clipped(outcome.matched)}"' if outcome.matched else ""
    because = because or (f": {outcome.reason}" if outcome.reason else "")
    return [f"evaluated{f' {name}' if name else ''} for {address}: {outcome.result}{because}"]


def _trail(outcome: Outcome) -> list[str]:
    lines = [f'{name}  TXT  "{clipped(text)}"' for name, text in list(outcome.cost.records.items())[:12]]
    return [
        *lines,
        f"at worst {outcome.cost.lookups} of {LOOKUPS} look-ups, {outcome.cost.voids} find nothing",
    ]


def _listed(addresses: list[str]) -> str:
    return ", ".join(addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
