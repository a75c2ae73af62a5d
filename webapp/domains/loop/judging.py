"""All rules of the loop test, one after the other, on one mail that arrived."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.domains.loop.arrived import Arrived
from webapp.domains.loop.rules import authentication, content, way
from webapp.domains.rules.findings import Finding, unknown
from webapp.verdict import Verdict

log = logging.getLogger("offerpost.domains")

LAST_RESORT = "A fault of ours stopped this rule; the operator finds the cause in the log."
RULES: dict[str, Callable[[Arrived], Finding]] = {
    "Whose word counts": authentication.receiver,
    "SPF": authentication.spf,
    "DKIM": authentication.dkim,
    "DMARC": authentication.dmarc,
    "Encryption of the last hop": way.encryption,
    "Envelope sender": way.envelope,
    "Message-ID": way.message_id,
    "One-click unsubscribe": content.one_click,
    "The text": content.text,
    "Delay": way.delay,
    "Spam filter": way.spam,
}


@dataclass(frozen=True)
class Judged:
    """`dkim` is "pass", or the reason why not: what rule D11 remembers."""

    domain: str
    dkim: str
    findings: dict[str, Finding]

    @property
    def results(self) -> list[dict[str, Any]]:
        """The findings as plain data."""
        return [
            {
                "title": title,
                "verdict": one.verdict.value,
                "words": one.words,
                "remedy": one.remedy,
                "evidence": [line[:1_200] for line in one.evidence],
            }
            for title, one in self.findings.items()
        ]


def judge(mail: Arrived) -> Judged:
    """Never raises, whatever the mail and the DNS say."""
    findings = {title: _safely(title, rule, mail) for title, rule in RULES.items()}
    signed = findings["DKIM"]
    third = "third party: " if signed.verdict is Verdict.WARN else ""
    return Judged(
        mail.domain, "pass" if signed.verdict is Verdict.PASS else f"{third}{signed.words}", findings
    )


def _safely(title: str, rule: Callable[[Arrived], Finding], mail: Arrived) -> Finding:
    try:
        return rule(mail)
    except Exception:
        log.exception("the rule “%s” of the loop test failed", title)
        return unknown(LAST_RESORT)
