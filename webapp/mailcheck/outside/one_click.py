"""M06: the one click really works. A throw-away link is posted as a mail program does (RFC 8058 §3.2), and opened, too."""

import re
from urllib.parse import urlsplit

from transports.deadline import Deadline
from transports.errors import TransportError
from transports.https import HttpReply
from transports.net import Net
from webapp.mail.check import Finding, Mail
from webapp.mail.check.finding import fails, not_needed, passed, seen, unknown

SECONDS = 5.0
_ADDRESS = re.compile(r"<(https?://[^<>\s]{1,500})>")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PUBLIC = "The public address under Email Settings must lead here from outside, without a sign-in before it."


def works(net: Net, mail: Mail) -> Finding:
    """Post to the address of the mail's List-Unsubscribe. Belongs to nobody: the mail must carry a throw-away link."""
    field = mail.first("List-Unsubscribe")
    found = _ADDRESS.search(field.raw) if field else None
    if not found:
        return not_needed("The mail has no address to unsubscribe.")
    url, deadline = found[1], Deadline(SECONDS)
    try:
        clicked = net.http("POST", url, headers=_FORM, body=b"List-Unsubscribe=One-Click", deadline=deadline)
        opened = net.http("GET", url, deadline=deadline)
    except TransportError as error:
        words = f"{urlsplit(url).netloc} could not be asked from here: {error}"
        return unknown(words, _PUBLIC)
    return _judged(clicked, opened)


def _judged(clicked: HttpReply, opened: HttpReply) -> Finding:
    at = seen("mail", 0, f"POST answers {clicked.status}, GET answers {opened.status}")
    if 300 <= clicked.status < 400:
        return fails("The click is redirected, which mail programs do not follow.", _PUBLIC, at)
    if not 200 <= clicked.status < 300:
        return fails(f"The click is answered with {clicked.status}.", _PUBLIC, at)
    if opened.status != 200:
        return fails(f"The page behind the link answers {opened.status}.", _PUBLIC, at)
    return passed("Posting the link answers at once, without cookie, sign-in or redirect.", at)
