"""What a monitor asks: does the database answer, is a sender alive. Three words, no secret."""

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.mail import heartbeat, restored


def health(session: Session) -> dict[str, str]:
    """`status` ok or trouble, `database` ok or unreachable, `sender` ok, silent, held (a restored database) or unknown."""
    try:
        alive = bool(heartbeat.living(session))
        held = restored.pending(session) is not None
    except SQLAlchemyError:
        return {"status": "trouble", "database": "unreachable", "sender": "unknown"}
    sender = "held" if held else "ok" if alive else "silent"
    return {"status": "ok" if sender == "ok" else "trouble", "database": "ok", "sender": sender}
