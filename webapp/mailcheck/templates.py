"""The check of a template. What an event or an offer would bring is an example value."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.mail_templates import letters, page
from webapp.mail_templates.queries import Template
from webapp.mailcheck.report import Report, report_of
from webapp.mailcheck.samples import Sample


def check(desk: Desk, session: Session, template: Template, samples: Sequence[Sample]) -> Report:
    """Raises TokenProblems while the text can't be mailed."""
    draft = letters.draft_of(session, desk.config, template)
    people = [(one, page.values_for(session, draft, template.context, one.affiliate)) for one in samples]
    return report_of(desk, session, draft, template.context, people)
