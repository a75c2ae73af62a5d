"""Makes finished messages in a child: each content is compiled once, then only filled."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any

from webapp.mail.compose import CompiledMessage, Draft, compile_message
from webapp.mail.dkim.signers import Signers, Unsignable
from webapp.mail.sender.orders import Content, Job

KEPT = 64


@lru_cache(maxsize=2)
def _date(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Unprintable(Exception):
    """A content that cannot be compiled or signed at all: its whole mailing must stop."""


class Printer:
    """The compiled contents that this child has been told of, the latest of them."""

    def __init__(self) -> None:
        self._told: OrderedDict[int, tuple[Draft, str]] = OrderedDict()
        self._compiled: dict[int, CompiledMessage | Unprintable] = {}
        self._signers = Signers()
        # The content of the last mail, and mostly of the next one: id, message, envelope sender, whether it is signed.
        self._at_hand: tuple[int, CompiledMessage, str, bool] | None = None

    def sign_with(self, keys: Sequence[Sequence[str]]) -> None:
        """From now on with these DKIM keys, in place of those before."""
        self._signers = Signers(keys)
        self._at_hand = None

    def learn(self, content: Content) -> None:
        self._told[content.id] = Draft.from_dict(content.draft), content.context
        self._told.move_to_end(content.id)
        self._at_hand = None
        while len(self._told) > KEPT:
            forgotten, _ = self._told.popitem(last=False)
            self._compiled.pop(forgotten, None)

    def sender_of(self, content_id: int) -> str:
        """The envelope sender of a mail that has no signed one: the from address."""
        return self._told[content_id][0].from_address

    def print(self, job: Job) -> bytes:
        """The finished message; whatever is raised but `Unprintable` is this recipient's trouble alone."""
        if self._at_hand is None or self._at_hand[0] != job.content_id:
            compiled, sender = self._compiled_of(job.content_id), self.sender_of(job.content_id)
            self._at_hand = (job.content_id, compiled, sender, self._signers.signs(sender))
        _, compiled, sender, signed = self._at_hand
        own: dict[str, Any] = {
            "message_id": job.message_id,
            "unsubscribe_url": job.unsubscribe_url,
            "date": _date(int(time())),
        }
        if not signed:
            return compiled.fill(job.address, job.values, **own)
        message, canonical = compiled.fill_to_sign(job.address, job.values, **own)
        try:
            return self._signers.sign(message, sender, canonical=canonical)
        except Unsignable as error:
            raise Unprintable(str(error)) from error

    def _compiled_of(self, content_id: int) -> CompiledMessage:
        compiled = self._compiled.get(content_id)
        if compiled is None:
            draft, context = self._told[content_id]
            try:
                compiled = compile_message(draft, context=context)
            except Exception as error:
                compiled = Unprintable(f"The message can't be composed: {error}")
            self._compiled[content_id] = compiled
        self._told.move_to_end(content_id)
        if isinstance(compiled, Unprintable):
            raise compiled
        return compiled
