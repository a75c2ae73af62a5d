"""A compiled message: literals already encoded for the wire, and slots. Filling the slots is all that a recipient costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.mail.compose.addresses import BadAddress, wire_address
from webapp.mail.compose.body import Body
from webapp.mail.compose.head import Head, is_unsubscribe_url
from webapp.mail.compose.identity import Identity
from webapp.mail.compose.template import Template


@dataclass(frozen=True, slots=True)
class Preview:
    """What one recipient would see. `headers` are name and body as they go on the wire, unfolded."""

    subject: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]


class CompiledMessage:
    """Made by `compile_message`; safe to share between threads.

    `tokens` are the names it uses, `field_names` those of its header fields. `needs_smtputf8` is about its own addresses;
    the recipient’s comes on top.
    """

    def __init__(
        self, *, identity: Identity, subject: Template, html: Template, text: Template, boundary: str
    ) -> None:
        self._identity = identity
        self._subject = subject
        self._html = html
        self._text = text
        self._head = Head(identity, subject, boundary)
        self._body = Body(text, html, boundary)
        self._always = _always(identity)
        self.needs_smtputf8 = identity.needs_smtputf8
        self.field_names = self._head.names
        self._templates = (subject, html, text)
        self._dated = any(key == "today" for template in self._templates for key in template.depends_on())
        used = [one for template in self._templates for one in template.renderings()]
        self.tokens = tuple({one.key: one.name for one in used}.values())

    def missing(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Names of tokens that would stay empty for this recipient: no value and, somewhere, no default.

        What stands in a block that this recipient does not see is not missing; a list that nobody has put in is.
        """
        known = self._known(values, "…", datetime.now(UTC))
        return tuple(dict.fromkeys(name for one in self._templates for name in one.missing(known)))

    def preview(self, values: Mapping[str, str]) -> Preview:
        """The mail as this recipient would see it, with stand-ins for what only sending knows."""
        url = _sound_url(
            values.get("unsubscribe.link", ""), f"{self._identity.draft.public_url.rstrip('/')}/u/preview"
        )
        now = datetime.now(UTC)
        known = self._known(values, url, now)
        recipient = _sound_address(values.get("affiliate.email", ""))
        head = self._head.fill(recipient, known, message_id="preview", unsubscribe_url=url, date=now)
        return Preview(
            subject=" ".join(self._subject.fill(known).split()),
            html=self._html.fill(known),
            text=self._text.fill(known),
            headers=_unfolded(head),
        )

    def fill(
        self,
        recipient: str,
        values: Mapping[str, str],
        *,
        message_id: str,
        unsubscribe_url: str | None,
        date: datetime,
    ) -> bytes:
        """The finished message for one recipient: RFC 5322 bytes with CRLF, no line beginning with a dot.

        `message_id` may come without brackets and without `@domain`. Raises BadAddress (a ValueError) for a recipient that
        cannot be written into a header, and ValueError for an announcement without a usable unsubscribe link.
        """
        known = self._known(values, unsubscribe_url, date)
        head = self._head.fill(
            recipient, known, message_id=message_id, unsubscribe_url=unsubscribe_url, date=date
        )
        return b"%b\r\n%b" % (head, self._body.fill(known))

    def fill_to_sign(
        self,
        recipient: str,
        values: Mapping[str, str],
        *,
        message_id: str,
        unsubscribe_url: str | None,
        date: datetime,
    ) -> tuple[bytes, bytes]:
        """The same message as `fill` gives, and its body in the canonical form that DKIM hashes."""
        known = self._known(values, unsubscribe_url, date)
        head = self._head.fill(
            recipient, known, message_id=message_id, unsubscribe_url=unsubscribe_url, date=date
        )
        body, canonical = self._body.fill_to_sign(known)
        return b"%b\r\n%b" % (head, body), canonical

    def _known(
        self, values: Mapping[str, str], unsubscribe_url: str | None, date: datetime
    ) -> dict[str, str]:
        known = {**self._always, **values}
        for key in self._always:
            if not known[key]:
                known[key] = self._always[key]
        if unsubscribe_url:
            known["unsubscribe.link"] = unsubscribe_url
        if self._dated and not known.get("today"):
            known["today"] = f"{date.day} {date:%B %Y}"
        return known


def _always(identity: Identity) -> dict[str, str]:
    """Values that the draft itself knows, for recipients whose values do not say otherwise."""
    draft = identity.draft
    return {
        "network.name": draft.network_name,
        "network.address": draft.postal_address,
        "sender.name": draft.from_name,
        "sender.email": draft.from_address,
    }


def _unfolded(head: bytes) -> tuple[tuple[str, str], ...]:
    lines = head.decode("utf-8").replace("\r\n ", " ").split("\r\n")
    named = (line.partition(": ") for line in lines if line)
    return tuple((name, body) for name, _, body in named)


def _sound_url(*candidates: str) -> str:
    """A preview is shown while the public address is still missing, too."""
    return next((url for url in candidates if is_unsubscribe_url(url)), "https://example.com/u/preview")


def _sound_address(address: str) -> str:
    try:
        return wire_address(address)
    except BadAddress:
        return "affiliate@example.com"
