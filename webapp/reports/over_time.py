"""All mail over days, weeks or months, by one facet: read from sums, whatever the outbox holds or has forgotten."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts import access
from webapp.guards.models import TallyMark
from webapp.imports.cells import as_csv
from webapp.reports.counting import COLUMNS, FACETS, KIND
from webapp.reports.models import ReportSum
from webapp.reports.naming import names
from webapp.reports.spans import DAY, UNITS, Span, spans
from webapp.web.charts import scale_end

_SUMS = [func.sum(getattr(ReportSum, column)) for column in COLUMNS]


@dataclass(frozen=True)
class Asked:
    """What a page was asked for; nonsense counts as the first choice. With `value` only that one of the facet."""

    unit: str = DAY
    facet: str = KIND
    value: str | None = None

    @classmethod
    def of(cls, unit: str, facet: str, value: str | None) -> "Asked":
        facet_known = facet in FACETS
        return cls(
            unit if unit in UNITS else DAY, facet if facet_known else KIND, value if facet_known else None
        )


@dataclass(frozen=True)
class Period:
    """One bar of the charts and one row of their table."""

    begins: date
    words: str
    sums: Counter[str]


@dataclass(frozen=True)
class Line:
    """One value of the facet, over the whole time."""

    value: str
    name: str
    sums: Counter[str]


@dataclass(frozen=True)
class OverTime:
    asked: Asked
    periods: Sequence[Period]
    lines: Sequence[Line]
    counted: datetime | None

    @property
    def sums(self) -> Counter[str]:
        whole: Counter[str] = Counter()
        for period in self.periods:
            whole.update(period.sums)
        return whole

    @property
    def busiest(self) -> Period:
        return max(self.periods, key=lambda one: one.sums["accepted"])

    @property
    def chosen(self) -> str:
        """What the one value is called that was asked for."""
        return next((line.name for line in self.lines if line.value == self.asked.value), "")

    def top(self, *columns: str) -> int:
        """Where the scale ends of a chart in which these columns stand on each other."""
        return scale_end(max(sum(one.sums[name] for name in columns) for one in self.periods))


def over_time(session: Session, user: User, asked: Asked, today: date) -> OverTime:
    """Own messages only, unless the user may see those of all; what no person sent is seen by the latter alone."""
    when = spans(asked.unit, today)
    whole = _within(select(ReportSum.span, *_SUMS), user, asked, when).group_by(ReportSum.span)
    if asked.value is not None:
        whole = whole.where(ReportSum.value == asked.value)
    found = {
        span: Counter(dict(zip(COLUMNS, map(int, counts), strict=True)))
        for span, *counts in session.execute(whole)
    }
    return OverTime(
        asked,
        [Period(one.begins, one.words, _together(found, one)) for one in when],
        _lines(session, user, asked, when),
        session.scalar(select(func.max(TallyMark.last_at)).where(TallyMark.source.startswith("reports."))),
    )


def _lines(session: Session, user: User, asked: Asked, when: Sequence[Span]) -> list[Line]:
    by_value = _within(select(ReportSum.value, *_SUMS), user, asked, when).group_by(ReportSum.value)
    rows = [
        (value, Counter(dict(zip(COLUMNS, map(int, counts), strict=True))))
        for value, *counts in session.execute(by_value)
    ]
    called = names(session, asked.facet, [value for value, _ in rows])
    lines = [Line(value, called[value], sums) for value, sums in rows]
    return sorted(lines, key=lambda line: (-line.sums["accepted"] - line.sums["failed"], line.name))


def _within(query: Select, user: User, asked: Asked, when: Sequence[Span]) -> Select:  # type: ignore[type-arg]
    query = query.where(
        ReportSum.facet == asked.facet, ReportSum.span.between(when[0].keys[0], when[-1].keys[-1])
    )
    return query if sees_all(user) else query.where(ReportSum.owner == user.id)


def sees_all(user: User) -> bool:
    return user.may(access.ALL) or user.may(access.LOG)


def _together(found: dict[str, Counter[str]], span: Span) -> Counter[str]:
    sums: Counter[str] = Counter()
    for key in span.keys:
        sums.update(found.get(key, Counter()))
    return sums


def export(see: OverTime) -> Iterator[str]:
    """The periods and then the values of the facet, as CSV."""
    yield as_csv([("section", "name", *COLUMNS)])
    for period in see.periods:
        yield _line(see.asked.unit, period.begins.isoformat(), period.sums)
    for line in see.lines:
        yield _line(see.asked.facet, line.name, line.sums)


def _line(section: str, name: str, sums: Counter[str]) -> str:
    return as_csv([(section, name, *(str(sums[column]) for column in COLUMNS))])
