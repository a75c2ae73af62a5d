"""D22, D25: policies that lie on web servers: MTA-STS (RFC 8461) and BIMI. They are fetched through the address policy."""

import re
from dataclasses import replace

from webapp.domains.case import Case
from webapp.domains.lookup.answers import mail_hosts
from webapp.domains.rules.extras import ONLY_NAMES
from webapp.domains.rules.fetching import NotFetched, fetched
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.mark import mark_fault
from webapp.domains.rules.table import MORE, rule
from webapp.verdict import Verdict

POLICY_BYTES, LOGO_BYTES, CERTIFICATE_BYTES = 64 * 1024, 32 * 1024, 64 * 1024


@rule("D22", "MTA-STS", MORE)
def mta_sts(case: Case) -> Finding:
    """The record and the policy behind it belong together, and the policy names every mail server (RFC 8461)."""
    answer = case.ask(f"_mta-sts.{case.domain}", "TXT")
    if not answer.known:
        return unanswered(answer)
    records = [value for value in answer.values if value.startswith("v=STSv1")]
    if not answer.values:
        return not_needed("There is none. It only matters for mail that comes to you.")
    if len(records) != 1 or not re.search(r";\s*id\s*=\s*[A-Za-z0-9]{1,32}\s*;?\s*$", records[0]):
        paste = case.paste("TXT", f"_mta-sts.{case.domain}", "v=STSv1; id=1;")
        return found(Verdict.FAIL, "There must be one record v=STSv1 with an id.", answer, records=(paste,))
    if case.net is None:
        return unknown(f"The record is there. {ONLY_NAMES}", answer)
    url = f"https://mta-sts.{case.domain}/.well-known/mta-sts.txt"
    hosts = [host for _, host in mail_hosts(case.ask(case.domain, "MX")) if host]
    wanted = "".join(f"mx: {host}\n" for host in hosts)
    remedy = f"Serve this text there: version: STSv1\nmode: testing\n{wanted}max_age: 604800"
    try:
        body = fetched(case.net, url, "The policy", answer.evidence, largest=POLICY_BYTES)
    except NotFetched as error:
        return replace(error.finding, remedy=error.finding.remedy or remedy)
    return _policy(hosts, body, remedy, f"GET {url}", answer.evidence)


def _policy(hosts: list[str], body: bytes, remedy: str, *evidence: str) -> Finding:
    pairs = [line.partition(":")[::2] for line in body.decode("ascii", "replace").splitlines()]
    fields = {name.strip(): value.strip() for name, value in pairs}
    patterns = [value.strip().lower() for name, value in pairs if name.strip() == "mx"]
    mode = fields.get("mode", "")
    if fields.get("version") != "STSv1" or mode not in ("enforce", "testing", "none"):
        return found(Verdict.FAIL, "The policy has no valid version or mode.", *evidence, remedy=remedy)
    if not re.fullmatch(r"\d{1,8}", fields.get("max_age", "")):
        return found(
            Verdict.FAIL, "The policy does not say for how long it holds (max_age).", *evidence, remedy=remedy
        )
    left_out = [host for host in hosts if mode != "none" and not any(_covers(one, host) for one in patterns)]
    if left_out:
        return found(Verdict.FAIL, f"The policy leaves out {left_out[0]}.", *evidence, remedy=remedy)
    if mode != "enforce":
        return found(Verdict.WARN, f"The policy’s mode is {mode}.", *evidence)
    return passed("The policy is enforced and names every mail server.", *evidence)


def _covers(pattern: str, host: str) -> bool:
    """A star stands for exactly one label (RFC 8461 §4.1)."""
    return host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


@rule("D25", "BIMI", MORE)
def bimi(case: Case) -> Finding:
    """One record at default._bimi, a small safe logo by https, and a DMARC policy that is enforced."""
    answer = case.ask(f"default._bimi.{case.domain}", "TXT")
    if not answer.known:
        return unanswered(answer)
    records = [value for value in answer.values if value.startswith("v=BIMI1")]
    if not answer.values:
        return not_needed("There is none. It shows your logo at some receivers, nothing else.")
    if len(records) != 1:
        return found(Verdict.FAIL, "There must be exactly one record v=BIMI1.", answer)
    logo = re.search(r";\s*l\s*=\s*([^;\s]*)", records[0])
    address = logo[1] if logo else ""
    if not address.startswith("https://"):
        return found(Verdict.FAIL, "l= must be the https address of an SVG file.", answer)
    if case.dmarc.policy not in ("quarantine", "reject"):
        words = "The logo is shown only when the DMARC policy is quarantine or reject."
        return found(Verdict.FAIL, words, answer, *case.dmarc.answers)
    if case.net is None:
        return unknown(f"The record is there. {ONLY_NAMES}", answer)
    try:
        logo_body = fetched(case.net, address, "The logo", answer.evidence, largest=LOGO_BYTES)
        fault = _logo_fault(logo_body)
        if fault:
            return found(Verdict.FAIL, fault, f"GET {address}", answer)
        return _marked(case, records[0], answer.evidence)
    except NotFetched as error:
        return error.finding


def _marked(case: Case, record: str, evidence: str) -> Finding:
    """The mark certificate behind a=, as far as it can be judged without asking its authority."""
    named = re.search(r";\s*a\s*=\s*(https://[^;\s]+)", record)
    if named is None or case.net is None:
        return found(Verdict.WARN, "Without a mark certificate (a=) only some receivers show it.", evidence)
    pem = fetched(case.net, named[1], "The mark certificate", evidence, largest=CERTIFICATE_BYTES)
    fault = mark_fault(pem, (case.domain, case.organisation))
    if fault:
        return found(
            Verdict.FAIL,
            fault,
            f"GET {named[1]}",
            evidence,
            remedy="Ask whoever issued it for the right file.",
        )
    words = (
        "Record, logo and certificate are there. Whether receivers know its authority, they alone can say."
    )
    return passed(words, f"GET {named[1]}", evidence)


def _logo_fault(body: bytes) -> str:
    """Looked at as text only: a hostile file is never parsed."""
    text = body.decode("utf-8", "replace").lower()
    if "<svg" not in text or 'baseprofile="tiny-ps"' not in text.replace("'", '"'):
        return "The logo is not an SVG of the profile tiny-ps."
    if "<!entity" in text or "<script" in text or "<image" in text or "<title" not in text:
        return "The logo must have a title, and neither scripts nor pictures inside."
    return ""
