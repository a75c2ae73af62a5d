"""Whether the mail proves where it comes from: SPF, DKIM, DMARC. Worked out here, and compared with what the receiver says."""

from webapp.domains.loop.arrived import Arrived
from webapp.domains.rules.findings import Finding, found, passed, unknown
from webapp.mail.dkim.verifier import Verified
from webapp.verdict import Verdict

UNSURE = frozenset({"temperror", "policy"})


def receiver(mail: Arrived) -> Finding:
    """Whose word counts, and which words do not."""
    trace = mail.trace
    if trace.forged:
        words = f"{len(trace.forged)} of the headers in the name of {trace.receiver} came with the mail and is not believed."
        return found(
            Verdict.WARN, words, *trace.lines, *trace.forged, remedy="Find out which server adds it."
        )
    if not trace.believed:
        words = (
            f"{trace.receiver or 'The receiver'} wrote no Authentication-Results of its own: we judge alone."
        )
        remedy = "If another name stands at the beginning of that header, type it as the receiving host."
        return unknown(words, *trace.foreign, remedy=remedy)
    words = f"{trace.receiver} wrote down what it found; nobody else is believed."
    return passed(words, *trace.lines, *trace.foreign)


def spf(mail: Arrived) -> Finding:
    ours, said = mail.spf, next(iter(mail.said("spf")), None)
    evidence = [*mail.trace.lines]
    if mail.trace.border:
        evidence.append(f"Received: {mail.trace.border.text}")
    if ours is not None and mail.trace.border:
        evidence.append(
            f"We find {ours.result} for {mail.trace.border.address} and {mail.envelope or 'an empty sender'}. {ours.reason}"
        )
    result = said.result if said else ours.result if ours else ""
    if not result:
        return unknown(
            "The receiver says nothing about SPF, nor from which address it got the mail.", *evidence
        )
    if result in UNSURE:
        return unknown(f"SPF says {result}: the DNS did not answer.", *evidence, remedy="Try again later.")
    domain = (said.domain("smtp.mailfrom", "smtp.helo") if said else "") or mail.envelope.rpartition("@")[2]
    if result != "pass":
        words = f"SPF says {result} for {domain or 'the envelope sender'}."
        return found(Verdict.FAIL, words, *evidence, remedy="See the SPF rules of the domain check.")
    if said and ours and ours.result not in ("pass", "temperror"):
        words = f"The receiver says pass, and we find {ours.result}: the record may have changed since, or differ by place."
        return found(Verdict.WARN, words, *evidence, remedy="Check the domain.")
    if domain and not mail.near(domain, tag="aspf"):
        words = f"SPF passes, but for {domain}: it does not speak for {mail.domain}."
        remedy = "Set a bounce address below your own domain."
        return found(Verdict.WARN, words, *evidence, remedy=remedy)
    return passed(f"SPF passes for {domain or 'the envelope sender'}.", *evidence)


def dkim(mail: Arrived) -> Finding:
    evidence = [*map(_told, mail.verified), *mail.trace.lines]
    if not mail.verified:
        remedy = "Make a DKIM key under DKIM keys, publish it, and let it sign."
        return found(Verdict.FAIL, "The mail had no signature.", *evidence, remedy=remedy)
    ours = [one for one in mail.verified if mail.near(one.domain, tag="adkim")]
    whole = [one for one in ours if one.result == "pass"]
    theirs = _receiver_says_pass(mail)
    if whole:
        if mail.said("dkim") and not theirs:
            words = "It verifies here, and the receiver says that it does not: the key may be new, or cached there."
            return found(Verdict.WARN, words, *evidence, remedy="Wait an hour, then test again.")
        note = "" if mail.whole else " Only the header was pasted; the body was not checked."
        return passed(f"A signature of {whole[0].domain} arrived whole.{note}", *evidence)
    if not mail.exact and theirs:
        return passed("The receiver verified it; pasting changed the text, so we could not.", *evidence)
    return _broken(mail, ours, evidence)


def _broken(mail: Arrived, ours: list[Verified], evidence: list[str]) -> Finding:
    good = [one for one in mail.verified if one.result == "pass"]
    if good and not ours:
        words = f"Only {good[0].domain} signed, not {mail.domain}."
        return found(Verdict.WARN, words, *evidence, remedy="Make a DKIM key for this domain and publish it.")
    first = (ours or mail.verified)[0]
    if first.result == "temperror":
        return unknown(first.reason, *evidence, remedy="Test again in some minutes.")
    if not mail.exact and first.changed == "body" and not mail.said("dkim"):
        words = "The pasted text is not byte for byte what arrived, so its signature can’t be judged."
        return unknown(words, *evidence, remedy="Let the test go to the app’s own mailbox, or to Gmail.")
    return found(Verdict.FAIL, first.reason, *evidence, remedy=REMEDIES.get(first.changed, REMEDIES[""]))


REMEDIES = {
    "body": "A server on the way changes the text: switch its footers and its link or open tracking off. See “The text”.",
    "header": "Compare the published key with ours under DKIM keys; else a server on the way writes a header anew.",
    "": "See the DKIM rules of the domain check.",
}


def dmarc(mail: Arrived) -> Finding:
    """By our own reckoning; the receiver's word is beside it."""
    walked, said = mail.dmarc, next(iter(mail.said("dmarc")), None)
    evidence = [*(one.evidence for one in walked.answers), *mail.trace.lines]
    by_spf, by_dkim = spf(mail), dkim(mail)
    if said and said.result == "fail":
        return found(Verdict.FAIL, "The receiver says that DMARC fails.", *evidence, remedy=ALIGN)
    if walked.record is None:
        if walked.unknown:
            return unknown("Whether there is a DMARC record could not be found out.", *evidence)
        return found(
            Verdict.FAIL, "No DMARC record was found.", *evidence, remedy="Publish one: see the domain check."
        )
    passing = [name for name, one in (("SPF", by_spf), ("DKIM", by_dkim)) if one.verdict is Verdict.PASS]
    if len(passing) == 2:
        return passed(f"SPF and DKIM both speak for {mail.domain}.", *evidence)
    if passing:
        other = "DKIM" if passing == ["SPF"] else "SPF"
        words = f"DMARC passes by {passing[0]} alone; {other} does not speak for {mail.domain}."
        return found(Verdict.WARN, words, *evidence, remedy=ALIGN)
    if said and said.result == "pass":
        return passed("The receiver says that DMARC passes.", *evidence)
    if Verdict.UNKNOWN in (by_spf.verdict, by_dkim.verdict):
        return unknown("As long as SPF and DKIM are unknown, so is this.", *evidence)
    return found(Verdict.FAIL, f"Neither SPF nor DKIM speaks for {mail.domain}.", *evidence, remedy=ALIGN)


ALIGN = "Sign with a key of the From domain, and let bounces come to an address below it."


def _receiver_says_pass(mail: Arrived) -> bool:
    good = [one for one in mail.said("dkim") if one.result == "pass"]
    return any(mail.near(one.domain("header.d", "header.i"), tag="adkim") for one in good)


def _told(one: Verified) -> str:
    return f"d={one.domain} s={one.selector}: {one.result}. {one.reason}".strip()
