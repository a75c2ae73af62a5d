"""What the check says about a message: of all the mails that were looked at, the worst of each rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.mail.check import Checked, check, refuses
from webapp.mail.check.checking import together
from webapp.mail.compose import Draft
from webapp.mailcheck.printing import Printed, print_mails
from webapp.mailcheck.samples import Sample
from webapp.verdict import Verdict

LOUD = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Report:
    """`checks` are the worst first; `mails` are those that were looked at."""

    checks: Sequence[Checked]
    mails: Sequence[Printed]

    @property
    def loud(self) -> list[Checked]:
        """What people should read."""
        return [one for one in self.checks if one.finding.verdict in LOUD]

    @property
    def quiet(self) -> list[Checked]:
        return [one for one in self.checks if one.finding.verdict not in LOUD]

    @property
    def refused(self) -> list[Checked]:
        """What keeps the message from being sent, whatever anybody says."""
        return [one for one in self.checks if refuses(one)]

    @property
    def doubted(self) -> list[Checked]:
        """What a person may overrule with a reason."""
        return [one for one in self.checks if one.finding.verdict is Verdict.FAIL and not refuses(one)]


def report_of(
    desk: Desk,
    session: Session,
    draft: Draft,
    context: str,
    people: Sequence[tuple[Sample, Mapping[str, str]]],
) -> Report:
    """Check the mails that these people would get. Raises what `print_mails` raises."""
    printed = print_mails(desk, session, draft, context, people)
    return judged(printed)


def judged(printed: Sequence[Printed]) -> Report:
    checks = [(one.sample.name, check(one.raw, one.about)) for one in printed]
    return Report(together(checks), printed)


def described(one: Checked) -> dict[str, object]:
    """One rule's result as plain data."""
    return {
        "id": one.rule.id,
        "title": one.rule.title,
        "verdict": one.finding.verdict.value,
        "words": one.finding.words,
        "evidence": [str(place) for place in one.finding.evidence],
        "remedy": one.finding.remedy,
        "must": one.rule.must,
        "mails": list(one.mails),
    }
