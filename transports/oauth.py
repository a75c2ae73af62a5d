"""Access tokens for XOAUTH2, fetched with a refresh token (RFC 6749 §6) and kept until shortly before they end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urlsplit

from transports.deadline import Deadline
from transports.errors import AuthError, MaybeSent, SettingsError, TemporaryError, TransportError
from transports.https import HttpReply
from transports.keeping import Keeper
from transports.net import Net
from transports.said import printable

_SECONDS = 30.0  # for the whole request
_EARLY = 60.0  # seconds before its end a token counts as ended
_LIFE = 300.0  # of a token whose end the provider does not name
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_AGAIN = "Sign in at the provider again and store the new refresh token."
_CLIENT = "Check client ID and client secret: the provider shows both where the application is registered."


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks for a token, and where. Never prints its secrets."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_url: str
    ca_pem: str = field(default="", repr=False)


@dataclass(slots=True)
class _Kept:
    token: str
    ends: float  # monotonic


class AccessTokens:
    """One account's token, shared by all its connections. Safe to use from several threads."""

    def __init__(self, net: Net, keeper: Callable[[], Keeper]) -> None:
        self._net, self._keeper = net, keeper
        self._lock = threading.Lock()
        self._kept = _Kept("", 0.0)

    def get(self, client: Client) -> str:
        """A token that is good for a while; raises a `TransportError` if there is none to be had."""
        with self._lock:
            if time.monotonic() >= self._kept.ends:
                self._kept = self._fetched(client)
            return self._kept.token

    def forget(self, token: str) -> None:
        """The mail server refused this one."""
        with self._lock:
            if self._kept.token == token:
                self._kept = _Kept("", 0.0)

    def _fetched(self, client: Client) -> _Kept:
        """Borrow the refresh token, use it, and have its successor kept before anything else happens."""
        keeper, given = self._keeper(), client.refresh_token
        used, renewed = keeper.borrow(given), ""
        try:
            kept, renewed = self._exchanged(replace(client, refresh_token=used))
        finally:
            keeper.give_back(given, used, renewed)
        return kept

    def _exchanged(self, client: Client) -> tuple[_Kept, str]:
        """An access token, and the refresh token that takes the place of ours, or an empty text."""
        asked = time.monotonic()
        reply = self._ask(client)
        if reply.status != 200:
            raise _refused(client, reply)
        said = _json(reply)
        token, life = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise _no_token_server(client, "200 without an access token")
        seconds = float(life) if isinstance(life, int | float | str) and str(life).isdecimal() else _LIFE
        renewed = said.get("refresh_token")
        if not isinstance(renewed, str) or not _TOKEN.fullmatch(renewed) or renewed == client.refresh_token:
            renewed = ""
        return _Kept(token, asked + seconds - min(_EARLY, seconds / 10)), renewed

    def _ask(self, client: Client) -> HttpReply:
        form = {
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": client.refresh_token,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        body = urlencode({name: text for name, text in form.items() if text}).encode()
        deadline = Deadline(_SECONDS)
        try:
            return self._net.http(
                "POST",
                client.token_url,
                headers=headers,
                body=body,
                deadline=deadline,
                ca_pem=client.ca_pem,
            )
        except MaybeSent as lost:
            reason = f"{_host(client)} gave no access token: the line broke."
            raise TemporaryError(reason, lost.detail, "It is tried again by itself.") from None


def _refused(client: Client, reply: HttpReply) -> TransportError:
    """The error that the provider's answer deserves (RFC 6749 §5.2)."""
    host, said = _host(client), _json(reply)
    code = str(said.get("error") or "")
    detail = _without_secrets(client, f"{reply.status} {code} {said.get('error_description') or ''}".rstrip())
    if reply.status == 429 or reply.status >= 500:
        wait = reply.headers.get("retry-after", "")
        after = float(wait) if wait.isdecimal() and len(wait) < 6 else None
        hint = "It is tried again by itself."
        return TemporaryError(f"{host} gives no access token just now.", detail, hint, retry_after=after)
    if code == "invalid_grant":
        return AuthError(f"{host} no longer takes the refresh token.", detail, _AGAIN)
    if code in ("invalid_client", "unauthorized_client"):
        return AuthError(f"{host} does not know this client, or not with this secret.", detail, _CLIENT)
    if code:
        return AuthError(f"{host} gives no access token.", detail, _AGAIN)
    return _no_token_server(client, detail)


def _no_token_server(client: Client, detail: str) -> SettingsError:
    reason = f"{_host(client)} does not answer as a token server does."
    return SettingsError(reason, detail, "Check the token address; the provider's help page names it.")


def _json(reply: HttpReply) -> Mapping[str, object]:
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _without_secrets(client: Client, text: str) -> str:
    for secret in (client.refresh_token, client.client_secret):
        text = text.replace(secret, "•••") if secret else text
    return printable(text)


def _host(client: Client) -> str:
    return urlsplit(client.token_url).hostname or "The token server"
