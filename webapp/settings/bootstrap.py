"""What a fresh instance gets without being asked: a mail server that only writes files."""

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.settings.models import MailServer

NAME = "Mail folder"


def prepare(desk: Desk) -> None:
    """Called whenever an instance is opened; costs one small query once there is a server."""
    with desk.reading() as session:
        if session.scalar(select(MailServer.id).limit(1)) is not None:
            return
    try:
        with desk.session() as session:
            ensure_folder_server(session)
    except IntegrityError:
        pass  # another process was first


def ensure_folder_server(session: Session) -> None:
    """Every mail becomes a file until somebody sets up a server, so that a newcomer can send at once."""
    if session.scalar(select(MailServer.id).limit(1)) is None:
        values = {"name": "outbox"}
        session.add(
            MailServer(
                public_id=secrets.token_urlsafe(16),
                name=NAME,
                kind="folder",
                values=values,
                is_default=True,
                connections=1,
            )
        )
        session.flush()
