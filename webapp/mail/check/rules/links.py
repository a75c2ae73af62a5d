"""M13: where links lead, and whether they say so."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Evidence, Finding, fails, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.shown import Link
from webapp.mail.check.table import rule

_SHORTENERS = (
    "bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly t.ly rb.gy "
    "shorturl.at tiny.cc"
)
SHORTENERS = frozenset(_SHORTENERS.split())
_OWN = re.compile(r"<https?://([^/<>]{1,260})", re.IGNORECASE)
_SHOWN_HOST = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,24})(?:[/:?#]\S*)?", re.IGNORECASE
)
_REDIRECTED = "Let the words of a link be words, or exactly the address it leads to."


@rule("M13", "Links", "Every link leads by https to where it says.")
def links(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    """rspamd gives 2 points for a link that shows another address than its own (PHISHING)."""
    found = mail.shown.links
    if not found:
        yield not_needed("There are no links.")
        return
    own = _own_host(mail)
    for link in found:
        at = seen("HTML", link.line, f"{link.words} → {link.href}")
        yield from _target(link, at, own)


def _own_host(mail: Mail) -> str:
    """The host of the sender's own links, which the rule about them judges."""
    field = mail.first("List-Unsubscribe")
    found = _OWN.search(field.raw) if field else None
    return found[1].lower() if found else ""


def _target(link: Link, at: Evidence, own: str) -> Iterator[Finding]:
    try:
        url = urlsplit(link.href[:2000])
        host = (url.hostname or "").lower()
    except ValueError:
        yield fails("A link can’t be read.", "Correct its address.", at)
        return
    if url.scheme.lower() in ("mailto", "tel", "sms") or link.href.startswith("#"):
        return
    if not host or url.scheme.lower() not in ("http", "https"):
        yield fails("A link leads nowhere.", "Write the whole address, with https.", at)
        return
    if url.scheme.lower() == "http" and url.netloc.lower() != own:
        yield warns("A link is not https.", "Use https where the page offers it.", at)
    if _is_address(host) and url.netloc.lower() != own:
        yield fails("A link leads to a number instead of a name, as spam does.", "Use a host name.", at)
    if host in SHORTENERS:
        yield warns(f"A link goes through {host}, which spam uses, too.", "Use the address itself.", at)
    shown = _SHOWN_HOST.fullmatch(link.words)
    if shown and _plain(shown[1]) != _plain(host):
        yield fails(f"A link shows {shown[1]} and leads to {host}, as phishing does.", _REDIRECTED, at)


def _plain(host: str) -> str:
    return host.lower().removeprefix("www.")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.isdecimal()
    return True
