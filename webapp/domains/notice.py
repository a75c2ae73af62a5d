"""What the overview says of the sending domain: only what has become worse and nobody has acknowledged."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.domains import history
from webapp.domains.loading import sending_domain
from webapp.domains.models import DomainCheck


@dataclass(frozen=True)
class Notice:
    check: DomainCheck
    title: str
    words: str
    kind: str


def notice(session: Session) -> Notice | None:
    domain = sending_domain(session)
    made = history.latest(session, domain) if domain else None
    if made is None or not made.worse:
        return None
    first = next((one for one in made.worse if one["now"] == "fail"), made.worse[0])
    more = len(made.worse) - 1
    title = f"{domain}: {first['title']} has become worse" + (f", and {more} more" if more else "")
    return Notice(made, title, first["words"], "bad" if first["now"] == "fail" else "warn")
