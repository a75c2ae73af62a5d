"""Huey imports every driver that is installed, about 15 MB in each process. Here it gets only those that are used."""

import sys
from importlib import import_module
from typing import Any

_DRIVERS = ("redis", "psycopg", "cysqlite")


def import_huey() -> None:
    """Import Huey without drivers, unless somebody has imported it, or them, before."""
    hidden = [name for name in _DRIVERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # for `import` that means: not there
    try:
        import_module("huey")
    finally:
        for name in hidden:
            del sys.modules[name]


def give_psycopg() -> None:
    """Let Huey's store speak to PostgreSQL."""
    _storage().psycopg = import_module("psycopg")


def give_redis() -> None:
    """Let Huey's store speak to Redis."""
    storage, redis = _storage(), import_module("redis")
    storage.Redis = storage.RedisStorage.redis_client = redis.Redis
    storage.ConnectionPool = redis.ConnectionPool
    storage.ConnectionError, storage.TimeoutError = redis.ConnectionError, redis.TimeoutError


def _storage() -> Any:
    return import_module("huey.storage")
