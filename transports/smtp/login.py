"""AUTH: which mechanism, and what it says. The caller has made sure that the line is safe for a password."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from transports.errors import SettingsError
from transports.smtp.account import Account
from transports.smtp.replies import Reply

Steps = Iterator[bytes]
_PREFERRED = ("PLAIN", "LOGIN")


def mechanism(account: Account, offered: frozenset[str]) -> str:
    """The mechanism to use; raises `SettingsError` if ours and theirs have nothing in common."""
    theirs = ", ".join(sorted(offered)) or "none"
    wanted = _PREFERRED if account.auth == "auto" else (account.auth.upper(),)
    for name in wanted:
        if name in offered:
            return name
    if not offered:
        hint = "Leave user name and password empty, or ask your provider for the port where one signs in."
        raise SettingsError("The server offers no signing in here.", "EHLO names no AUTH", hint)
    hint = f"Choose another way to sign in; this server offers {theirs}."
    raise SettingsError("The server does not offer this way to sign in.", f"AUTH {theirs}", hint)


def steps(name: str, account: Account) -> Steps:
    """The lines to say, each after a reply that begins with 3, first the AUTH command itself."""
    return _STEPS[name](account)


def secrets_said(account: Account) -> tuple[str, ...]:
    """Every form in which the password goes over the line, so that a server's echo of it can be blotted out."""
    said = [account.password, account.refresh_token, account.client_secret]
    said += [step.decode().split()[-1] for name in _STEPS for step in steps(name, account) if step.strip()]
    user = _b64(account.username).decode()
    return tuple(text for text in said if len(text) > 2 and text not in ("LOGIN", user))


def without(reply: Reply, secrets: tuple[str, ...]) -> Reply:
    """The reply with every secret blotted out."""
    lines = []
    for line in reply.lines:
        for secret in secrets:
            line = line.replace(secret, "•••")
        lines.append(line)
    return Reply(reply.code, tuple(lines))


def _plain(account: Account) -> Steps:
    yield b"AUTH PLAIN " + _b64(f"\0{account.username}\0{account.password}") + b"\r\n"


def _login(account: Account) -> Steps:
    yield b"AUTH LOGIN\r\n"
    yield _b64(account.username) + b"\r\n"
    yield _b64(account.password) + b"\r\n"


def _xoauth2(account: Account) -> Steps:
    token = f"user={account.username}\x01auth=Bearer {account.password}\x01\x01"
    yield b"AUTH XOAUTH2 " + _b64(token) + b"\r\n"
    yield b"\r\n"  # the server has told why it refuses, as a challenge; after this line it says so by 535


_STEPS: dict[str, Callable[[Account], Steps]] = {"PLAIN": _plain, "LOGIN": _login, "XOAUTH2": _xoauth2}


def _b64(text: str) -> bytes:
    return base64.b64encode(text.encode())
