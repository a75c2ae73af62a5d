"""What the headers of a mail that arrived say of it: SPF, DKIM, alignment, encryption, one-click unsubscribe.

Only the topmost Authentication-Results is believed, which the receiving server wrote: one further down may come from anybody
(RFC 8601 §5). A pasted header proves nothing to a third party; it is for the person who pasted it.
"""

import re
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses

from webapp.domains.case import registrable
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unknown
from webapp.errors import Invalid
from webapp.verdict import Verdict

LONGEST = 256 * 1024
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)([^;]{0,600})", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(?:header|smtp)\.(d|i|from|mailfrom)\s*=\s*\"?([^\s;\")]+)", re.IGNORECASE)
_ENCRYPTED = re.compile(r"with\s+(?:UTF8)?E?SMTPSA?\b|TLS[ _v]?1[._][0-9]|\bTLS1_[23]", re.IGNORECASE)


@dataclass(frozen=True)
class Judged:
    """`dkim` is "pass", or the reason why not: what rule D11 remembers."""

    domain: str
    dkim: str
    findings: dict[str, Finding]


def judge(text: str) -> Judged:
    """Raises `Invalid` for what has no From or no Authentication-Results."""
    message = _parsed(text)
    domain = _from_domain(message)
    trusted = str((message.get_all("Authentication-Results") or [""])[0])
    if not trusted:
        reason = "There is no Authentication-Results header. Copy all headers: “Show original” gives them."
        raise Invalid({"headers": reason})
    results = [(kind.lower(), result.lower(), rest) for kind, result, rest in _RESULT.findall(trusted)]
    dkim = _dkim(domain, results, trusted)
    findings = {
        "SPF": _spf(domain, results, trusted),
        "DKIM": dkim,
        "DMARC": _dmarc(results, trusted),
        "Encryption": _encryption(message),
        "One-click unsubscribe": _one_click(message),
    }
    third = "third party: " if dkim.verdict is Verdict.WARN else ""
    return Judged(domain, "pass" if dkim.verdict is Verdict.PASS else f"{third}{dkim.words}", findings)


def _parsed(text: str) -> Message:
    if len(text) > LONGEST:
        raise Invalid({"headers": f"This is more than {LONGEST // 1024} KB. Paste the headers alone."})
    return HeaderParser(policy=policy.compat32).parsestr(
        text.lstrip().replace("\r\n", "\n"), headersonly=True
    )


def _from_domain(message: Message) -> str:
    addresses = getaddresses([str(value) for value in message.get_all("From") or []])
    domain = addresses[0][1].rpartition("@")[2].lower() if addresses else ""
    if not re.fullmatch(r"[a-z0-9.-]+\.[a-z0-9-]+", domain):
        raise Invalid(
            {"headers": "There is no From header with an address. Copy the headers from the first line on."}
        )
    return domain


def _properties(rest: str) -> dict[str, str]:
    return {
        name.lower(): value.rpartition("@")[2].lower().strip("<>") for name, value in _PROPERTY.findall(rest)
    }


def _near(one: str, domain: str) -> bool:
    return bool(one) and registrable(one) == registrable(domain)


def _spf(domain: str, results: list[tuple[str, str, str]], evidence: str) -> Finding:
    for kind, result, rest in results:
        if kind == "spf":
            envelope = _properties(rest).get("mailfrom", "")
            if result != "pass":
                return found(
                    Verdict.FAIL,
                    f"SPF says {result}.",
                    evidence,
                    remedy="See the SPF rules of the domain check.",
                )
            if envelope and not _near(envelope, domain):
                words = f"SPF passes, but for {envelope}: it does not speak for {domain}."
                return found(
                    Verdict.WARN, words, evidence, remedy="Set a bounce address below your own domain."
                )
            return passed(f"SPF passes for {envelope or 'the envelope sender'}.", evidence)
    return unknown("The receiver says nothing about SPF.", evidence)


def _dkim(domain: str, results: list[tuple[str, str, str]], evidence: str) -> Finding:
    signed = [(result, _properties(rest)) for kind, result, rest in results if kind == "dkim"]
    good = [one.get("d") or one.get("i", "") for result, one in signed if result == "pass"]
    if any(_near(one, domain) for one in good):
        return passed(f"A signature of {domain} arrived whole.", evidence)
    if good:
        words = f"Only {good[0] or 'somebody else'} signed, not {domain}."
        return found(Verdict.WARN, words, evidence, remedy="Make a DKIM key for this domain and publish it.")
    if not signed or signed[0][0] == "none":
        return found(
            Verdict.FAIL, "The mail had no signature.", evidence, remedy="Make a DKIM key and let it sign."
        )
    said = signed[0][0]
    hint = "Something changed the mail on its way, or the published key is another one: see the DKIM rules."
    return found(Verdict.FAIL, f"The signature did not verify ({said}).", evidence, remedy=hint)


def _dmarc(results: list[tuple[str, str, str]], evidence: str) -> Finding:
    for kind, result, _ in results:
        if kind == "dmarc":
            if result in ("pass", "bestguesspass"):
                return passed("DMARC passes.", evidence)
            if result == "none":
                return found(
                    Verdict.FAIL,
                    "No DMARC record was found.",
                    evidence,
                    remedy="Publish one: see the domain check.",
                )
            return found(
                Verdict.FAIL,
                f"DMARC says {result}.",
                evidence,
                remedy="SPF or DKIM must speak for the From domain.",
            )
    return unknown("The receiver says nothing about DMARC.", evidence)


def _encryption(message: Message) -> Finding:
    hops = [" ".join(str(value).split()) for value in message.get_all("Received") or []]
    if not hops:
        return unknown("There are no Received headers.")
    outside = [hop for hop in hops if not re.search(r"\b(localhost|127\.0\.0\.1|10\.\d+\.\d+\.\d+)\b", hop)]
    if any(_ENCRYPTED.search(hop) for hop in outside[:3]):
        return passed("The last servers spoke over TLS.", *hops[:3])
    return found(Verdict.WARN, "None of the last servers says that it used TLS.", *hops[:3])


def _one_click(message: Message) -> Finding:
    listed, post = message.get("List-Unsubscribe"), message.get("List-Unsubscribe-Post")
    if listed is None and post is None:
        return not_needed(
            "The mail has no List-Unsubscribe: right for account mail, wrong for announcements."
        )
    faults = []
    if not re.search(r"<https://[^>\s]+>", str(listed)):
        faults.append("List-Unsubscribe has no https address.")
    if "".join(str(post).split()).lower() != "list-unsubscribe=one-click":
        faults.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing.")
    signed = " ".join(str(value) for value in message.get_all("DKIM-Signature") or []).lower()
    covered = re.search(r"\bh\s*=([^;]*)", signed)
    names = "".join(covered[1].split()).split(":") if covered else []
    if not {"list-unsubscribe", "list-unsubscribe-post"} <= set(names):
        faults.append("The signature does not cover both headers (RFC 8058 §4).")
    if faults:
        return found(Verdict.FAIL, " ".join(faults), str(listed), str(post))
    return passed("One click unsubscribes, and the signature covers it.", str(listed), str(post))
