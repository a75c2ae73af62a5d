"""An opened instance: what was made once and is used everywhere. `webapp.wiring` makes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from transports.net import Net
from transports.registry import Registry
from webapp.config import Config
from webapp.jobs import Jobs
from webapp.vault import Vault


@dataclass(frozen=True)
class Desk:
    """Configuration, key, database and registered transports of one instance."""

    config: Config
    vault: Vault
    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    registry: Registry
    net: Net
    jobs: Jobs

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for one piece of work that writes; commits at the end, rolls back on any error."""
        with self.writing.begin() as session:
            yield session

    def close(self) -> None:
        self.jobs.stop()
        self.net.close()
        self.engine.dispose()
