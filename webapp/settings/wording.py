"""Limits, rests and times of mail servers as people say them."""

from datetime import datetime, tzinfo

from webapp.mail.models import ServerRest

SPANS = {"second": "this second", "minute": "this minute", "hour": "this hour", "day": "today"}


def clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """14:20 · 14:20 tomorrow · 14:20 on 3 Dec, by the network's clock."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%H:%M} tomorrow" if days == 1 else f"{local:%H:%M} on {local.day} {local:%b}"


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def rest_words(rest: ServerRest, connections: int, zone: tzinfo, now: datetime) -> str:
    """Where a rest stands: until when, or how far it has recovered."""
    if rest.until > now:
        return f"Rests until {clock(rest.until, zone, now)}, then it is tried again by itself."
    if not rest.proved:
        return "Has rested and is being tried again."
    if rest.domain:
        return f"Recovers: {counted(rest.allowed, 'mail')} at a time, more with every 20 that are accepted."
    return f"Recovers: {rest.allowed} of {counted(connections, 'connection')}, one more with every 20 accepted mails."
