"""What the processes say on standard error: lines for people, or one JSON object a line. Mail addresses are left out."""

import json
import logging
import re
from datetime import UTC, datetime

TEXT, JSON = "text", "json"
ADDRESS = re.compile(r"[^\s<>()\[\]\"'=:;,/?&]+@[^\s<>()\[\]\"':;,/?&]+")
CHATTY = ("alembic", "huey", "waitress")


def install(style: str) -> None:
    """Set up the log of this process; the last call counts."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Lines() if style == JSON else _Text("%(asctime)s %(name)s %(levelname)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_addresses(text: str) -> str:
    """Mail servers quote addresses in their replies; those are nobody's business who reads a log."""
    return ADDRESS.sub("[address]", text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


class _Lines(logging.Formatter):
    """{"at", "level", "logger", "message", "process"} and, of a fault, "trace"."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_addresses(record.getMessage()),
            "process": record.process,
        }
        if record.exc_info:
            line["trace"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
