"""What composing one mail costs: compiled once and filled, by `EmailMessage`, by a Jinja sandbox with `EmailMessage`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median

from jinja2.sandbox import SandboxedEnvironment

from benchmarks import message
from benchmarks.contestants.smtplib_email_message import composed
from benchmarks.measures import Occasion
from benchmarks.table import Table, at_most, number

MANY, FEW = 2_000, 100
GOAL = 25.0
PEOPLE = [message.person(n) for n in range(MANY)]


def _ours() -> int:
    fill, when, size = message.compiled().fill, datetime.now(UTC), 0
    for n, values in enumerate(PEOPLE):
        url = message.unsubscribe_url(n)
        size += len(
            fill(values["affiliate.email"], values, message_id=f"{n}.ab12cd", unsubscribe_url=url, date=when)
        )
    return size


def _email_message() -> int:
    policy = SMTP.clone(max_line_length=998)
    return sum(len(composed(n).as_bytes(policy=policy)) for n in range(FEW))


def _jinja() -> int:
    """Rendering alone, of a template that was parsed before."""
    size = 0
    for n in range(MANY):
        values = {"v": PEOPLE[n]}
        size += len(_HTML.render(values)) + len(_TEXT.render(values))
    return size


def _jinja_and_email_message() -> int:
    size = 0
    for n in range(FEW):
        mail, values = EmailMessage(policy=SMTP), {"v": PEOPLE[n]}
        mail["From"], mail["To"] = message.SENDER, PEOPLE[n]["affiliate.email"]
        mail["Subject"] = f"{PEOPLE[n]['affiliate.firstname']}, three new offers for you"
        mail.set_content(_TEXT.render(values))
        mail.add_alternative(_HTML.render(values), subtype="html")
        size += len(mail.as_bytes())
    return size


def _as_jinja(text: str) -> str:
    return message.TOKEN.sub(lambda found: f'{{{{ v["{found[1].lower()}"] }}}}', text)


_ENVIRONMENT = SandboxedEnvironment(autoescape=True)
_HTML = _ENVIRONMENT.from_string(_as_jinja(message.DRAFT.html))
_TEXT = _ENVIRONMENT.from_string(
    _as_jinja(message.compiled().preview({k: f"[={k}=]" for k in PEOPLE[0]}).text)
)
WAYS: tuple[tuple[str, Callable[[], int], int], ...] = (
    ("Offerpost: compiled message, filled", _ours, MANY),
    ("Jinja sandbox, rendering alone", _jinja, MANY),
    ("EmailMessage, as_bytes", _email_message, FEW),
    ("Jinja sandbox + EmailMessage", _jinja_and_email_message, FEW),
)


def measure(occasion: Occasion) -> Table:
    """CPU time, so that other programs on the machine matter less."""
    found: dict[str, list[float]] = {name: [] for name, _, _ in WAYS}
    sizes: dict[str, int] = {}
    _ours()
    for _ in range(max(occasion.rounds, 5)):
        for name, work, count in WAYS:
            started = time.process_time()
            sizes[name] = work() // count
            found[name].append((time.process_time() - started) / count * 1e6)
    ours = median(found[WAYS[0][0]])
    table = Table("Composing one mail", ["way", "µs a mail", "× Offerpost", "bytes"])
    for name, _, _ in WAYS:
        cost = median(found[name])
        table.add(name, number(cost), number(cost / ours), f"{sizes[name]:,}")
    table.goals.append(at_most(f"composing ≤ {GOAL:.0f} µs a mail of 10 KB", ours, GOAL, " µs"))
    return table
