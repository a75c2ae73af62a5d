"""Envelope senders that name their mail: `b+<id>.<signature>@bounces.example.com`. What comes back to one names its mail.

The signature is bound to this purpose and to the instance's key; old keys go on being honoured. The same mail has the
same sender on every attempt, also after a rotation: the name of the key lies with its content from the first claim on.
Local part: at most 64 characters (RFC 5321 §4.5.3.1.1), and case means nothing in it.
"""

import re
from collections.abc import Iterable

from webapp.vault import Vault

PURPOSE = "verp"
MARK = "b+"
FORM = re.compile(r"b\+([1-9][0-9]{0,18})\.([a-z2-7]{16})@", re.IGNORECASE)


def envelope_sender(vault: Vault, mail_id: int, domain: str, key_id: str = "") -> str:
    """The envelope sender of one mail at the domain of the bounce address, signed with the key of that name."""
    number = str(mail_id)
    return f"{MARK}{number}.{vault.tag(PURPOSE, number, key_id)}@{domain}"


def mail_named_by(vault: Vault, addresses: Iterable[str]) -> int | None:
    """The mail that one of these addresses was made for; None if none of them is genuine."""
    for address in addresses:
        found = FORM.match(address)
        if found and vault.verify_tag(PURPOSE, found[1], found[2].lower()):
            return int(found[1])
    return None
