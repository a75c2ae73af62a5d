"""The operator's configuration: environment and instance file become one frozen, checked `Config`."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from webapp.errors import Invalid

FILE_NAME = "offerpost.toml"
HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]\s]+):([0-9]{1,5})")

TOKEN_LENGTH = 16
DEFAULT_ADDRESS = "http://127.0.0.1:8025"  # where `offerpost serve` listens unless told


@dataclass(frozen=True)
class Config:
    """What only the operator may decide. Everything else is set by forms and lies in the database."""

    home: Path
    database_url: str = field(repr=False)  # these addresses may hold passwords
    jobs_url: str = field(repr=False)
    relay_url: str = field(repr=False)
    allow_hosts: frozenset[str]
    public_url: str
    proxies: int
    sender_processes: int
    lease_seconds: int
    log: str = "text"
    metrics_token: str = field(default="", repr=False)
    rest_seconds: int = 600
    hsts_days: int = 30  # for so long browsers that came by https come by nothing else
    resolver: tuple[str, int] | None = (
        None  # the name server that domain checks ask; None: those of this machine
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read `OFFERPOST_*` over `offerpost.toml` in the home folder; raise `Invalid` naming the variable."""
        source = _Source(os.environ if environ is None else environ)
        home = source.home
        database_url = source.url("database_url", f"sqlite:///{home / 'offerpost.db'}")
        # Pages and workers on several machines share a PostgreSQL; so they find each other's jobs there too.
        jobs_url = database_url if database_url.startswith("postgres") else f"sqlite:///{home / 'jobs.db'}"
        return cls(
            home=home,
            database_url=database_url,
            jobs_url=source.url("jobs_url", jobs_url),
            relay_url=source.text("relay_url"),
            allow_hosts=source.allow_hosts(),
            public_url=source.url("public_url", "").rstrip("/"),
            proxies=source.integer("proxies", 0, 0, 5),
            sender_processes=source.integer("sender_processes", 1, 1, 64),
            lease_seconds=source.integer("lease_seconds", 600, 2, 86_400),
            hsts_days=source.integer("hsts_days", 30, 0, 730),
            rest_seconds=source.integer("rest_seconds", 600, 1, 86_400),
            resolver=source.address("resolver", source.text("resolver")),
            log=source.choice("log", source.text("log", "text"), ("text", "json")),
            metrics_token=source.token("metrics_token"),
        )

    @property
    def key_file(self) -> Path:
        return self.home / "offerpost.key"

    @property
    def plugins(self) -> Path:
        return self.home / "plugins"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def mail_folder(self) -> Path:
        """Where transports of this instance may write files."""
        return self.home / "mail"


class _Source:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.home = Path(environ.get("OFFERPOST_HOME") or "instance").resolve()
        self._file = _read_file(self.home / FILE_NAME)

    def text(self, key: str, default: str = "") -> str:
        value = self._environ.get(f"OFFERPOST_{key.upper()}")
        return str(self._file.get(key, default)) if value is None else value

    def url(self, key: str, default: str) -> str:
        value = self.text(key, default) or default
        if value and not urlsplit(value).scheme:
            raise Invalid(
                {
                    _name(
                        key
                    ): f"“{value}” is no address. Write it like {default or 'https://mail.example.com'}."
                }
            )
        return value

    def token(self, key: str) -> str:
        value = self.text(key)
        if value and len(value) < TOKEN_LENGTH:
            raise Invalid({_name(key): f"Use at least {TOKEN_LENGTH} characters, so that nobody guesses it."})
        return value

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        value = self.text(key, str(default))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise Invalid({_name(key): f"Use a whole number from {least} to {most}, not “{value}”."})
        return int(value)

    def choice(self, key: str, value: str, known: tuple[str, ...]) -> str:
        if value not in known:
            raise Invalid({_name(key): f"“{value}” is not known. Use {' or '.join(known)}."})
        return value

    def address(self, key: str, value: str) -> tuple[str, int] | None:
        """`IP` or `IP:PORT` of a name server."""
        if not value:
            return None
        host, _, port = value.rpartition(":") if value.count(":") == 1 or "]" in value else (value, "", "53")
        try:
            return str(ip_address(host.strip("[]"))), int(port)
        except ValueError:
            reason = f"“{value}” is not the address of a name server. Write for example 127.0.0.1:53."
            raise Invalid({_name(key): reason}) from None

    def allow_hosts(self) -> frozenset[str]:
        entries = frozenset(
            part.strip().lower() for part in self.text("allow_hosts").split(",") if part.strip()
        )
        for entry in entries:
            found = HOST_AND_PORT.fullmatch(entry)
            if not found or not 0 < int(found[2]) < 65536:
                reason = f"“{entry}” is not host:port. Write for example 127.0.0.1:25 or [::1]:25."
                raise Invalid({_name("allow_hosts"): reason})
        return entries


def _name(key: str) -> str:
    return f"OFFERPOST_{key.upper()}"


def _read_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid({path.name: f"The file can't be read as TOML: {error}."}) from error
