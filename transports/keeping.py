"""A secret that its issuer may replace while it is used: a refresh token (RFC 6749 §6). The host keeps the newest one."""

from __future__ import annotations

from typing import Protocol

BORROWED = 60.0  # seconds after which somebody who borrowed a secret counts as gone


class Keeper(Protocol):
    """What a transport asks of its host before it uses such a secret, and when it was given another."""

    def borrow(self, given: str) -> str:
        """The newest successor of the secret that the settings hold, for the caller alone until `give_back`.

        Waits while somebody else has it: a provider may take a secret that is used twice for a stolen one. Raises
        `TemporaryError` when that takes too long.
        """

    def give_back(self, given: str, used: str, renewed: str) -> None:
        """The caller is done. What `renewed` says, if anything, is durable when this returns; else `TemporaryError`."""


class OwnMemory:
    """The keeper of a transport whose host has set none: remembers as long as the transport lives."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}

    def borrow(self, given: str) -> str:
        return self._newest.get(given, given)

    def give_back(self, given: str, used: str, renewed: str) -> None:
        if renewed:
            self._newest[given] = renewed
