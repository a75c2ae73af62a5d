"""The picture by which openings of a message are counted: its address names the message, and nobody who got it.

So it tells how often, never who. It is in announcements alone, and only where whoever wrote one has asked for it.
"""

from base64 import b64decode

from webapp.mail import links
from webapp.vault import Vault

PURPOSE = "open"
PATH, ENDING = "/o/", ".gif"
PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent dot, 43 bytes."""


def picture_url(vault: Vault, tracking_url: str, broadcast_id: int) -> str:
    """The same in every mail of a message."""
    return f"{tracking_url.rstrip('/')}{PATH}{links.make_token(vault, PURPOSE, broadcast_id)}{ENDING}"


def message_named_by(vault: Vault, token: str) -> int:
    """The message whose picture is asked for; `NotFound` for a forged or damaged address."""
    return links.mail_of(vault, PURPOSE, token.removesuffix(ENDING))
