"""The operator's `OFFERPOST_RELAY_URL`: one line that names server, encryption and login."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from transports.errors import SettingsError
from transports.smtp.account import Account
from transports.smtp.checking import loopback

NOT_SET = "The operator has not set OFFERPOST_RELAY_URL."
_SHAPE = "Write it as smtp://user:password@host:587, or smtps:// for TLS from the start."
_PORTS = {"smtp": 587, "smtps": 465}
_OPTIONS = {"security", "auth", "helo_name", "ca_file"}


def account_of(url: str) -> Account:
    """The account that the address names; raises `SettingsError`, which never repeats the address."""
    if not url.strip():
        raise SettingsError(NOT_SET, hint=_SHAPE)
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _unusable("its port or host is no such thing") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _unusable(
            "it names no host" if parts.scheme in _PORTS else "it begins with neither smtp:// nor smtps://"
        )
    options = _options(parts)
    host = parts.hostname
    return Account(
        host=host,
        port=port or _PORTS[parts.scheme],
        security=_security(parts.scheme, options, host),
        auth=options.get("auth", "auto"),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_pem=_pem(options.get("ca_file", "")),
        helo_name=options.get("helo_name", ""),
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise _unusable(f"it has an option that is none of {', '.join(sorted(_OPTIONS))}")
    if options.get("auth", "auto") not in ("auto", "plain", "login", "xoauth2"):
        raise _unusable("its option auth is none of auto, plain, login, xoauth2")
    return options


def _security(scheme: str, options: dict[str, str], host: str) -> str:
    if scheme == "smtps":
        wanted = options.get("security", "tls")
        allowed: tuple[str, ...] = ("tls",)
    else:
        wanted = options.get("security", "none" if loopback(host) else "starttls")
        allowed = ("starttls", "none")
    if wanted not in allowed:
        raise _unusable(f"with {scheme}:// its option security can only be {' or '.join(allowed)}")
    return wanted


def _pem(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise _unusable("the file in its option ca_file cannot be read") from None


def _unusable(why: str) -> SettingsError:
    return SettingsError(
        "OFFERPOST_RELAY_URL can't be used.", why, f"It can't be used because {why}. {_SHAPE}"
    )
