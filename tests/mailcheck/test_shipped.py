"""The texts that we ship: receivers find nothing in them, whoever gets them."""

import pytest
from sqlalchemy import select

from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.mail_templates import queries
from webapp.mail_templates.catalogue import SYSTEM
from webapp.mailcheck import templates
from webapp.mailcheck.outside import spamassassin as filter_
from webapp.mailcheck.report import Report
from webapp.mailcheck.samples import Sample, pick

MOST_POINTS = 1.0


@pytest.fixture
def reports(network: Desk, three: None) -> dict[str, Report]:
    """Each shipped template as three affiliates and with example values."""
    with network.reading() as session:
        people = [*pick(session, select(Affiliate.id)), Sample("an example", None)]
        return {
            one.slug: templates.check(network, session, one, people) for one in queries.templates(session)
        }


def test_every_shipped_text_passes_every_rule(reports: dict[str, Report]) -> None:
    assert set(reports) == set(SYSTEM)
    loud = {
        slug: [(one.rule.id, one.finding.words, list(map(str, one.finding.evidence))) for one in report.loud]
        for slug, report in reports.items()
        if report.loud
    }
    assert loud == {}


def test_every_shipped_text_has_at_most_one_point_at_spamassassin(
    reports: dict[str, Report], spamassassin: str
) -> None:
    """Without the network. Of each text the mail to somebody with long values: there is most to dislike."""
    slugs, mails = list(reports), [report.mails[0].raw for report in reports.values()]
    scores = dict(zip(slugs, filter_.scores(spamassassin, mails, 90), strict=True))
    assert {slug: one for slug, one in scores.items() if one.points > MOST_POINTS} == {}
