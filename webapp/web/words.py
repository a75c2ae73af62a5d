"""Template filters: numbers, times and states in the words that people read."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g

from webapp.db import utcnow

LABELS = {
    "queued": "Queued",
    "sending": "Sending",
    "sent": "Accepted",
    "deferred": "Deferred",
    "failed": "Failed",
    "unknown": "Unknown",
    "suppressed": "Suppressed",
    "cancelled": "Cancelled",
    "draft": "Draft",
    "scheduled": "Scheduled",
    "waits": "Waits for approval",
    "running": "Sending",
    "paused": "Paused",
    "finished": "Finished",
    "finished_with_failures": "Finished with failures",
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number, when=when, moment=moment, label=label, plural=plural, percent=percent, answer=answer
    )


def number(value: int | None) -> str:
    """1284 → 1,284"""
    return f"{value or 0:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """(1, "mail") → "1 mail"; (2000, "mail") → "2,000 mails"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(part: int, whole: int) -> str:
    """One decimal; never rounded up to a whole that is not reached."""
    return "–" if not whole else f"{int(1000 * part / whole) / 10:.1f} %"


def answer(mail: Any) -> str:
    """What the server said about a mail: its words, with the code in front unless they begin with it."""
    begins = mail.detail.startswith(mail.code.partition(" ")[0])
    return mail.detail if begins else f"{mail.code} {mail.detail}"


def label(state: str) -> str:
    """The word people see for a state of mail or of a mailing."""
    return LABELS.get(state, state.replace("_", " ").capitalize())


def when(value: datetime | None) -> str:
    """today 10:39 · yesterday 16:40 · 20 Nov · 20 Nov 2025"""
    if value is None:
        return "never"
    local, today = value.astimezone(_zone()), utcnow().astimezone(_zone()).date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {local:%H:%M}"
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def moment(value: datetime | None) -> str:
    """The full time with its zone, for titles and exports."""
    return "" if value is None else value.astimezone(_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")


def _zone() -> ZoneInfo:
    return g.get("zone") or ZoneInfo("UTC")
