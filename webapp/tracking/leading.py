"""Where a counted link leads: nowhere but to an address that stands in the message itself (T8)."""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.orm import Session

from webapp.affiliates.values import AffiliateValues
from webapp.errors import NotFound
from webapp.mail.clicks import mail_named_by
from webapp.mail.compose.links import MOST_LINKS, filled, has_tokens, is_web_address
from webapp.mail.models import MailContent, OutboxMail
from webapp.vault import Vault

KEPT = 256
DAMAGED = "This link is not complete. Copy the whole of it from the mail."
GONE = "This link belongs to a mail that is not kept any more. Ask whoever sent it for a new one."


@dataclass(frozen=True)
class Way:
    """A link of one mail, and where it leads."""

    mail_id: int
    link: int
    url: str


_MAIL = select(OutboxMail.content_id, OutboxMail.recipient_id).where(OutboxMail.id == bindparam("id"))


class Ways:
    """Finds them; the links of the contents asked for lately are kept."""

    def __init__(self, vault: Vault, engine: Engine) -> None:
        self._vault, self._engine = vault, engine
        self._links: OrderedDict[int, tuple[str, ...]] = OrderedDict()

    def find(self, token: str, number: str) -> Way:
        """`NotFound` for a forged, damaged or forgotten link."""
        mail_id = mail_named_by(self._vault, token)
        if not number.isascii() or not number.isdigit() or len(number) > 4:
            raise NotFound(DAMAGED)
        with self._engine.connect() as connection:
            row = connection.execute(_MAIL, {"id": mail_id}).one_or_none()
            if row is None:
                raise NotFound(GONE)
            links = self._links.get(row.content_id) or self._links_of(connection, row.content_id)
            if int(number) >= len(links):
                raise NotFound(DAMAGED)
            url = links[int(number)]
            if has_tokens(url):
                url = filled(url, _values(connection, row.recipient_id))
        if not is_web_address(url):
            raise NotFound(GONE)
        return Way(mail_id, int(number), url)

    def _links_of(self, connection: Connection, content_id: int) -> tuple[str, ...]:
        draft = connection.scalars(select(MailContent.draft).where(MailContent.id == content_id)).one()
        links = tuple(draft.get("links", ()))[:MOST_LINKS]
        self._links[content_id] = links  # contents are frozen: what was read once stays right
        if len(self._links) > KEPT:
            self._links.popitem(last=False)
        return links


def _values(connection: Connection, recipient_id: int | None) -> dict[str, str]:
    """As they are now: somebody who was moved to another group meanwhile takes the way of that group."""
    if recipient_id is None:
        return {}
    with Session(connection) as session:
        return dict(AffiliateValues().load(session, [recipient_id]).get(recipient_id, {}))
