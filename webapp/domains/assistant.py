"""The sub-domain assistant: every record that a sending domain needs, as one snippet to paste or to send to a colleague."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from webapp.domains.case import Case, registrable
from webapp.domains.lookup.answers import Found, mail_hosts
from webapp.domains.rules import dkim, dmarc, spf
from webapp.domains.rules.findings import Paste
from webapp.verdict import Verdict

PROVIDER = "No A record: your provider’s addresses change; the MX record is enough."
NO_SERVER = (
    "No A record: from which address your mail leaves can’t be seen from here. Choose a mail server under Email settings, "
    "then look again."
)


@dataclass(frozen=True)
class Line:
    """One record of the plan. `there` says that the DNS holds it already."""

    record: Paste
    why: str
    there: bool


def proposal(domain: str) -> str:
    """mail.<domain> for an organisation’s own domain; a sub-domain stays what it is."""
    return f"mail.{domain}" if domain == registrable(domain) else domain


def plan(case: Case, *, public_url: str = "") -> tuple[list[Line], list[str]]:
    """The records in the order in which they are best published, and notes on what cannot be said from here."""
    lines, notes = [], []
    addresses = [one for one in case.egress if ":" not in one][:1]
    for address in addresses:
        there = address in case.ask(case.domain, "A").values
        lines.append(Line(case.paste("A", case.domain, address), "The domain has an address.", there))
    if not addresses:
        notes.append(PROVIDER if case.subject.way.provider else NO_SERVER)
    lines += [_mx(case, name) for name in dict.fromkeys((case.domain, case.subject.envelope))]
    lines.append(_spf(case))
    keys = dkim.signing(case) or dkim.waiting(case)
    good = dkim.dkim_record(case).verdict in (Verdict.PASS, Verdict.WARN)
    lines += [Line(dkim.paste_of(case, key), "Receivers check your signature with it.", good) for key in keys]
    if not keys:
        notes.append("No DKIM record yet: make a key under DKIM keys, then come back.")
    own = case.dmarc.record is not None and case.dmarc.at == case.domain
    record = dmarc.fresh_record(case, case.dmarc.record.text if own and case.dmarc.record else "")
    lines.append(Line(record, "Receivers know what to do with forgeries, and tell you.", own))
    host = urlsplit(public_url).hostname or ""
    if host and "." in host and not host.replace(".", "").isdigit():
        name = case.subject.tracking_host or f"go.{case.domain}"
        there = bool(case.ask(name, "A").values)
        lines.append(
            Line(case.paste("CNAME", name, host), "Tracked links lead through your own name.", there)
        )
    else:
        notes.append("No tracking host: set the public address under Email settings first.")
    return lines, notes


def _mx(case: Case, name: str) -> Line:
    answer = case.ask(name, "MX")
    hosts = [host for _, host in mail_hosts(answer) if host] or [_mail_host(case)]
    paste = case.paste("MX", name, f"10 {hosts[0]}")
    return Line(paste, "Answers and bounces find their way back.", answer.found is Found.RECORDS)


def _spf(case: Case) -> Line:
    """At the envelope's domain, which is the one that receivers ask (RFC 7208 §2.4)."""
    paste = spf.merged_record(case)
    there = spf.spf_authorises(case).verdict is Verdict.PASS or paste.replaces == paste.value
    if there:
        paste = replace(paste, replaces="")
    return Line(paste, "Your mail server may send in its name.", there)


def _mail_host(case: Case) -> str:
    hosts = [host for _, host in mail_hosts(case.ask(case.organisation, "MX")) if host]
    return hosts[0] if hosts else f"mx.{case.organisation}"


def snippet(lines: list[Line], zone: str, *, relative: bool) -> str:
    """The plan as lines of a zone file. Relative names are for the zone that $ORIGIN names."""
    head = [f"$ORIGIN {zone}."] if relative else []
    rows = []
    for line in lines:
        if line.record.replaces:
            rows.append(f"; in the place of: {line.record.replaces}")
        rows.append(line.record.relative_line if relative else line.record.zone_line)
    return "\n".join([*head, *rows])
