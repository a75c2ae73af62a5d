"""D12–D15: the DMARC policy and whether SPF and DKIM speak for the From domain (RFC 9989, 9990)."""

from webapp.domains.case import Case
from webapp.domains.dmarc.record import Dmarc, is_dmarc, parse
from webapp.domains.dmarc.walk import walk
from webapp.domains.rules import dkim, mistakes, spf
from webapp.domains.rules.findings import Finding, Paste, found, not_needed, passed, unknown
from webapp.domains.rules.table import PERMISSION, rule
from webapp.verdict import Verdict

NEXT = {"none": "quarantine", "quarantine": "reject"}


def _silent(case: Case) -> Finding:
    words = f"We couldn’t find out: {case.dmarc.unknown}. That says nothing about your record."
    return unknown(words, *case.dmarc.answers, remedy="Check again in some minutes.")


def fresh_record(case: Case, meant: str = "") -> Paste:
    """The record that was meant, else a first one: valid under RFC 9989 and its predecessor, reports where the parent's go."""
    if is_dmarc(meant):
        return case.paste(
            "TXT", f"_dmarc.{case.domain}", parse(meant).with_(), note="What you published, in its place."
        )
    parent = case.dmarc.record
    mailbox = parent.reports[0][0] if parent and parent.reports else f"dmarc@{case.organisation}"
    policy = case.dmarc.policy or "none"
    note = f"It only asks for reports; no mail is refused because of it. {mailbox} must exist."
    if policy != "none":
        note = f"It keeps the policy of {case.dmarc.at}. {mailbox} must exist."
    return case.paste(
        "TXT", f"_dmarc.{case.domain}", f"v=DMARC1; p={policy}; rua=mailto:{mailbox}", note=note
    )


@rule("D12", "DMARC record", PERMISSION, blocking=True)
def dmarc_present(case: Case) -> Finding:
    """Exactly one record is found from the From domain upwards (RFC 9989 §4.10)."""
    walked = case.dmarc
    name = f"_dmarc.{case.domain}"
    if case.domain in walked.several:
        words = f"There are several DMARC records at {name}; receivers then take none. Leave one."
        texts = [value for value in case.ask(name, "TXT").values if is_dmarc(value)]
        paste = case.paste("TXT", name, parse(texts[0]).with_(), replaces=" and ".join(texts))
        return found(Verdict.FAIL, words, *walked.answers, records=(paste,))
    if walked.unknown:
        return _silent(case)
    if walked.record is not None and walked.at == case.domain:
        return passed(f"There is one record, at {name}.", *walked.answers)
    if walked.record is not None:
        words = f"{case.domain} has no record of its own; that of {walked.at} holds, with the policy {walked.policy}."
        mistake = _mistake(case, name)
        words = f"{mistake.words} Until then that of {walked.at} holds." if mistake else words
        return _to_publish(case, Verdict.WARN, words, mistake)
    mistake = _mistake(case, name)
    unusable = [value for value in walked.answers[0].values if is_dmarc(value)]
    words = "No policy was found for this domain or the ones above it."
    if unusable:
        words = "The record has neither a valid p= nor a valid rua=, so receivers ignore it."
    return _to_publish(case, Verdict.FAIL, mistake.words if mistake else words, mistake)


def _to_publish(case: Case, verdict: Verdict, words: str, mistake: mistakes.Mistake | None) -> Finding:
    name, meant = (mistake.name, mistake.value) if mistake else ("", "")
    record = fresh_record(case, meant)
    hits = [one for one in case.resolver.asked if meant and meant in "".join(one.values)]
    return found(verdict, words, *case.dmarc.answers, *hits, records=(record,), mistake=name)


def _mistake(case: Case, name: str) -> mistakes.Mistake | None:
    in_value = mistakes.in_value(case.ask(name, "TXT").values, "v=DMARC1")
    return in_value or mistakes.misplaced(case, name, "v=DMARC1", (case.domain, f"dmarc.{case.domain}"))


@rule("D13", "DMARC syntax", PERMISSION)
def dmarc_syntax(case: Case) -> Finding:
    """The tags are those of RFC 9989, their values valid, and who gets reports has agreed to that."""
    walked = case.dmarc
    if walked.unknown:
        return _silent(case)
    record = walked.record or _unusable(case)
    if record is None:
        return not_needed("There is no DMARC record to read.")
    at = walked.at or case.domain
    name = f"_dmarc.{at}"
    paste = case.paste("TXT", name, record.with_(), replaces=record.text)
    if record.wrong or not record.policy:
        words = " ".join((*record.wrong, *record.odd))
        return found(Verdict.FAIL, words, *walked.answers, records=(paste,))
    strangers = _strangers(case, record, at)
    unasked = [one for one in strangers if not case.ask(one, "TXT").known]
    refusing = [one for one in strangers if one not in unasked and not _agrees(case, one)]
    evidence = [*walked.answers, *(case.ask(one, "TXT") for one in strangers)]
    odd = [*record.odd, *(f"{one} does not exist, so no reports are sent there." for one in refusing)]
    if odd:
        records = [paste] if record.odd else []
        records += [
            case.paste("TXT", one, "v=DMARC1", note="To publish at the receiver of reports.")
            for one in refusing
        ]
        return found(Verdict.WARN, " ".join(odd), *evidence, records=tuple(records))
    if unasked:
        return unknown("Whether the receiver of reports agrees could not be found out.", *evidence)
    return passed("The record is written as RFC 9989 wants it.", *evidence)


def _unusable(case: Case) -> Dmarc | None:
    texts = [value for value in case.dmarc.answers[0].values if is_dmarc(value)]
    return parse(texts[0]) if len(texts) == 1 else None


def _strangers(case: Case, record: Dmarc, at: str) -> list[str]:
    """Where mailboxes of other organisations would say that they take reports (RFC 9990 §4)."""
    domains = dict.fromkeys(domain for _, domain in record.reports)
    return [f"{at}._report._dmarc.{one}" for one in domains if not case.same_organisation(one, at)]


def _agrees(case: Case, name: str) -> bool:
    return any(is_dmarc(value) for value in case.ask(name, "TXT").values)


@rule("D14", "DMARC policy", PERMISSION)
def dmarc_policy(case: Case) -> Finding:
    """What receivers are to do with mail that only pretends to be yours: none, quarantine, reject."""
    walked = case.dmarc
    if walked.unknown:
        return _silent(case)
    if walked.record is None:
        return not_needed("There is no DMARC record, so no policy.")
    policy, record = walked.policy, walked.record
    if record.testing:
        words = f"t=y says that {policy} is only being tried; receivers apply the next milder policy."
        return found(Verdict.WARN, words, *walked.answers, remedy="Take t=y out when the reports are clean.")
    if policy in ("quarantine", "reject"):
        return passed(f"The policy is {policy}.", *walked.answers)
    words = (
        "The policy is none: enough for Gmail, Yahoo and Microsoft, but strangers may still use your name."
    )
    remedy = "When the reports of two weeks show only your own servers, go one step further."
    name = f"_dmarc.{walked.at}"
    step = record.with_(p=NEXT["none"])
    paste = case.paste("TXT", name, step, replaces=record.text, note="The next step, not for today.")
    return found(Verdict.WARN, words, *walked.answers, remedy=remedy, records=(paste,))


@rule("D15", "Alignment", PERMISSION, blocking=True)
def alignment(case: Case) -> Finding:
    """SPF or DKIM must speak for the From domain itself; both is safer (RFC 9989 §4.4)."""
    near = _near(case)
    by_spf, by_dkim = _passes(spf.spf_authorises(case)) if near else False, _by_dkim(case)
    evidence = [
        f"SPF is asked for {case.subject.envelope}: {_said(by_spf)}",
        f"DKIM signs for {case.domain}: {_said(by_dkim)}",
        f"the organisation is {case.dmarc.organisation} by tree walk, {case.organisation} by the suffix list",
    ]
    if by_spf and by_dkim:
        if near == "some":
            words = f"Receivers disagree whether {case.subject.envelope} and {case.domain} belong together."
            remedy = f"Publish a DMARC record at _dmarc.{case.organisation} too, or bounce to {case.domain}."
            return found(Verdict.WARN, words, *evidence, remedy=remedy)
        return passed("SPF and DKIM both speak for the From domain.", *evidence)
    if by_spf is None or by_dkim is None:
        return unknown("As long as SPF or DKIM is unknown, so is this.", *evidence)
    if by_spf or by_dkim:
        one, other = ("SPF", "DKIM") if by_spf else ("DKIM", "SPF")
        remedy = _SIGN if by_spf else _ENVELOPE
        return found(
            Verdict.WARN,
            f"Only {one} speaks for the From domain; {other} does not.",
            *evidence,
            remedy=remedy,
        )
    words = "Neither SPF nor DKIM speaks for the From domain: DMARC fails for every mail."
    return found(Verdict.FAIL, words, *evidence, remedy=f"{_SIGN} {_ENVELOPE}")


_SIGN = "Publish the DKIM key of this domain and sign with it."
_ENVELOPE = "Let SPF of the envelope domain (the bounce address, else the From address) let your server send."


def _said(result: bool | None) -> str:
    return {True: "passes and is aligned", False: "does not pass or is not aligned", None: "unknown"}[result]


def _near(case: Case) -> str:
    """all, if for every receiver the envelope's domain is aligned; some, if only by tree walk or only by suffix list."""
    envelope, record = case.subject.envelope, case.dmarc.record
    if envelope == case.domain:
        return "all"
    if record is not None and record.strict("aspf"):
        return ""
    by_list = case.same_organisation(envelope, case.domain)
    by_walk = walk(case.resolver, envelope).organisation == case.dmarc.organisation
    return "all" if by_list and by_walk else "some" if by_list or by_walk else ""


def _by_dkim(case: Case) -> bool | None:
    """Keys of this instance sign with the From domain itself, which is aligned in either mode."""
    if case.subject.keys and not dkim.signing(case):
        return False
    finding = dkim.dkim_record(case)
    return True if finding.verdict is Verdict.WARN else _passes(finding)


def _passes(finding: Finding) -> bool | None:
    return None if finding.verdict is Verdict.UNKNOWN else finding.verdict is Verdict.PASS
