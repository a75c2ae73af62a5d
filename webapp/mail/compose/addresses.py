"""Addresses as they go on the wire. Everything is built from checked parts; nothing is ever parsed as a header."""

import re
from functools import lru_cache

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WIDE_LOCAL = re.compile(r"[^\x00-\x20\x7f-\xa0()<>@,;:\\\"\[\]\s]+")
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
LONGEST = 254


class BadAddress(ValueError):
    """The text is not an address that mail can be sent to."""


def wire_address(address: str) -> str:
    """The address with its domain in ASCII; raises BadAddress. A local part outside ASCII stays as it is."""
    local, at, domain = address.rpartition("@")
    if not at or not local or len(address) > LONGEST:
        raise BadAddress(f"“{_shown(address)}” is not an email address.")
    if not (_LOCAL.fullmatch(local) or (not local.isascii() and _printable(local))):
        raise BadAddress(f"“{_shown(address)}” has a part before the @ that mail servers do not take.")
    wire = f"{local}@{wire_domain(domain)}"
    if len(wire) > LONGEST or len(local.encode()) > 64:
        raise BadAddress(f"“{_shown(address)}” is too long for an email address.")
    return wire


@lru_cache(maxsize=1024)  # many recipients have their mailbox at the same few hosts
def wire_domain(domain: str) -> str:
    """A host name in ASCII; raises BadAddress."""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise BadAddress(f"“{_shown(domain)}” is not a domain name.") from error
    if len(domain) > 253 or not _HOST.fullmatch(domain):
        raise BadAddress(f"“{_shown(domain)}” is not a domain name.")
    return domain


def needs_smtputf8(address: str) -> bool:
    """Whether only servers with SMTPUTF8 can take the address: its local part is not ASCII."""
    return not address.rpartition("@")[0].isascii()


def _printable(local: str) -> bool:
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return local.isprintable() and not dots and bool(_WIDE_LOCAL.fullmatch(local))


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:80])
