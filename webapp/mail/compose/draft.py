"""What a mail is made from, before it is compiled. Plain data: it travels to the sender processes as a dict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Class = Literal["announcement", "operational"]


@dataclass(frozen=True, slots=True)
class Draft:
    """Subject and HTML with tokens, and the identity under which they leave.

    `sender` is the address that really sends when it is not the from address. `list_id` is the identifier of the list
    (`announcements.example.com`); an announcement without one gets it from `domain_for_message_ids`. `frame` is a document
    with the places of `webapp.mail.compose.framing` into which an HTML text flows that is none itself; `text` is the plain
    text part with tokens, made from the HTML where it is empty. `links` are those whose clicks are counted at
    `tracking_url`, each by its place in the tuple. `opens_of` is the number of the message whose openings are counted
    there, 0 for none; `picture` is the address by which they are, which whoever sends the mail adds.
    """

    subject: str
    html: str
    from_name: str
    from_address: str
    reply_to: str | None
    sender: str | None
    kind: Class
    list_id: str | None
    network_name: str
    postal_address: str
    public_url: str
    domain_for_message_ids: str
    preheader: str = ""
    feedback_id: str | None = None
    frame: str = ""
    text: str = ""
    tracking_url: str = ""
    links: tuple[str, ...] = ()
    opens_of: int = 0
    picture: str = ""

    @property
    def announces(self) -> bool:
        """Whether the mail is an announcement, which everybody can unsubscribe from."""
        return self.kind == "announcement"

    def as_dict(self) -> dict[str, Any]:
        """The draft as plain data that `from_dict` takes back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Draft":
        """The draft that `as_dict` wrote."""
        return cls(**{**data, "links": tuple(data.get("links", ()))})
