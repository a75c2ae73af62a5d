"""Makes `Transport.send` of `send_one`: one mail after another, or a few threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transports.contract import Delivery, OutgoingMail, Transport


def send_each(transport: Transport, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
    raise NotImplementedError
