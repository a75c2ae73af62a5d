"""Every rule on one mail, or on several mails of one message."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, merged, unknown
from webapp.mail.check.mail import Mail
from webapp.mail.check.rules import every
from webapp.mail.check.table import Rule
from webapp.mail.mime import LONGEST
from webapp.verdict import WORST_FIRST, Verdict

log = logging.getLogger("offerpost.mail.check")
LAST_RESORT = "A fault of ours stopped this rule; the operator finds the cause in the log."
TOO_LONG = "Only the beginning of this mail was read; it is longer than a megabyte."


@dataclass(frozen=True)
class Checked:
    """What one rule found. `mails` names those of several mails that it is about."""

    rule: Rule
    finding: Finding
    mails: tuple[str, ...] = ()


def check(raw: bytes, about: Circumstances) -> list[Checked]:
    """The finding of every rule, worst first. Never raises, whatever the bytes are."""
    mail = Mail(raw)
    return sorted((Checked(one, _examined(one, mail, about)) for one in every()), key=severity)


def together(checks: Sequence[tuple[str, list[Checked]]]) -> list[Checked]:
    """Of several mails, each with its name, the worst that each rule found, and in which of them."""
    found: list[Checked] = []
    for one in every():
        results = [(name, each.finding) for name, mail in checks for each in mail if each.rule is one]
        worst = min((finding.verdict for _, finding in results), key=WORST_FIRST.index)
        hit = [(name, finding) for name, finding in results if finding.verdict is worst]
        found.append(
            Checked(one, merged([finding for _, finding in hit], one.passes), tuple(name for name, _ in hit))
        )
    return sorted(found, key=severity)


def refuses(checked: Checked) -> bool:
    """Whether the mail must not leave, whatever anybody says."""
    return checked.finding.verdict is Verdict.FAIL and bool(checked.rule.must)


def severity(checked: Checked) -> tuple[int, str]:
    """Sorts the worst first."""
    return WORST_FIRST.index(checked.finding.verdict), checked.rule.id


def _examined(rule: Rule, mail: Mail, about: Circumstances) -> Finding:
    if len(mail.raw) > LONGEST and rule.id != "M11":
        return unknown(TOO_LONG)
    try:
        return merged(rule.examine(mail, about), rule.passes)
    except Exception:
        log.exception("rule %s failed", rule.id)
        return unknown(LAST_RESORT)
