"""An rspamd that was named under Email Settings, asked over HTTP (`/checkv2`). The mail goes to that host and nowhere else."""

import json
from typing import Any
from urllib.parse import urlsplit

from transports.deadline import Deadline
from transports.errors import TransportError
from transports.net import Net
from webapp.mailcheck.outside.score import NoScore, Score

SECONDS = 10.0
CALLED_SPAM = 6.0  # points from which its usual settings mark a mail


def score(net: Net, url: str, raw: bytes) -> Score:
    """What it says about a mail; NoScore if it says nothing in time."""
    host = urlsplit(url).netloc
    try:
        reply = net.http("POST", f"{url.rstrip('/')}/checkv2", body=raw, deadline=Deadline(SECONDS))
    except TransportError as error:
        raise NoScore(f"rspamd at {host} could not be asked: {error}") from None
    if reply.status != 200:
        raise NoScore(f"rspamd at {host} answered {reply.status}.")
    try:
        return _read(json.loads(reply.body))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise NoScore(f"What answers at {host} is no rspamd.") from None


def _read(answer: dict[str, Any]) -> Score:
    symbols = [one for one in answer.get("symbols", {}).values() if isinstance(one, dict)]
    reasons = ((float(one.get("score", 0)), _words(one)) for one in symbols)
    return Score("rspamd", float(answer["score"]), tuple(reasons), CALLED_SPAM)


def _words(symbol: dict[str, Any]) -> str:
    name, description = str(symbol.get("name", ""))[:80], str(symbol.get("description", ""))[:120]
    return f"{name}: {description}" if description else name
