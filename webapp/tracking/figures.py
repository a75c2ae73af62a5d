"""How often the links of a message were taken, people and machines apart."""

from dataclasses import dataclass

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import Session

from webapp.mail.clicks import Click
from webapp.mail.models import MailContent, Mailing


@dataclass(frozen=True)
class Clicked:
    """`people` is how many recipients clicked, `clicks` how often they did; `machines` are clicks of programs."""

    people: int = 0
    clicks: int = 0
    machines: int = 0


@dataclass(frozen=True)
class LinkClicked:
    """One link of the message, as it was written."""

    url: str
    clicked: Clicked


_HUMAN = Click.machine == ""
_FIGURES = (
    func.count(distinct(case((_HUMAN, Click.mail_id)))),
    func.sum(case((_HUMAN, 1), else_=0)),
    func.sum(case((_HUMAN, 0), else_=1)),
)


def of_mailing(session: Session, mailing_id: int) -> Clicked:
    """All links of a mailing together; somebody who took three counts once among the people."""
    row = session.execute(select(*_FIGURES).where(Click.mailing_id == mailing_id)).one()
    return Clicked(*(int(figure or 0) for figure in row))


def by_link(session: Session, mailing_id: int) -> list[LinkClicked]:
    """Each link that is counted, also one that nobody took, the most taken first."""
    draft = session.scalars(
        select(MailContent.draft)
        .join(Mailing, Mailing.content_id == MailContent.id)
        .where(Mailing.id == mailing_id)
    ).one()
    query = select(Click.link, *_FIGURES).where(Click.mailing_id == mailing_id).group_by(Click.link)
    found = {row[0]: Clicked(*map(int, row[1:])) for row in session.execute(query)}
    links = [
        LinkClicked(url, found.get(place, Clicked())) for place, url in enumerate(draft.get("links", ()))
    ]
    return sorted(links, key=lambda link: -link.clicked.people)


def of_mail(session: Session, mail_id: int) -> list[Click]:
    """The clicks of one mail, the oldest first."""
    return list(session.scalars(select(Click).where(Click.mail_id == mail_id).order_by(Click.at, Click.id)))
