"""The composition root for app, command line and sender: everything that is made once, made here. No Flask."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from transports.net import Net
from transports.registry import Registry

from webapp import schema
from webapp.config import Config
from webapp.db import make_engine, writing
from webapp.vault import Vault

log = logging.getLogger("offerpost")


@dataclass(frozen=True)
class Desk:
    """An opened instance: configuration, key, database, registered transports."""

    config: Config
    vault: Vault
    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    registry: Registry
    net: Net

    @classmethod
    def open(cls, config: Config) -> "Desk":
        """Open an instance and make whatever a fresh one lacks: folders, key file, database, migrations."""
        for folder in (config.home, config.plugins, config.spool, config.mail_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = make_engine(config.database_url)
        # The key comes first: a database whose key was never written could not be opened again.
        vault = Vault.open(config.key_file, create=schema.is_empty(engine))
        schema.migrate(engine)
        return cls(
            config=config,
            vault=vault,
            engine=engine,
            reading=sessionmaker(engine, expire_on_commit=False),
            writing=sessionmaker(writing(engine), expire_on_commit=False),
            registry=Registry.discover(config.plugins),
            net=Net(config.allow_hosts, mail_root=config.mail_folder),
        )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for one piece of work that writes; commits at the end, rolls back on any error."""
        with self.writing.begin() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()
