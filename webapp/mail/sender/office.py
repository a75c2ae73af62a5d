"""What a sender parent is given by the composition root."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from webapp.config import Config
from webapp.mail.ports import RecipientValues, ServerDirectory
from webapp.vault import Vault


class OpenedDesk(Protocol):
    """The parts of `webapp.desk.Desk` that sending needs."""

    @property
    def config(self) -> Config: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def reading(self) -> sessionmaker[Session]: ...
    @property
    def writing(self) -> sessionmaker[Session]: ...


@dataclass(frozen=True)
class Office:
    """An opened instance with the features that the mail core asks for servers and for values."""

    desk: OpenedDesk
    servers: ServerDirectory
    values: RecipientValues
    processes: int

    @property
    def alone(self) -> bool:
        """With SQLite one sender owns the outbox; with PostgreSQL there may be others."""
        return self.desk.engine.dialect.name == "sqlite"
