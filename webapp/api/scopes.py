"""What a key may be made for, in one table. The rights of its owner limit it further, object by object."""

from collections.abc import Iterable

from webapp.errors import Invalid

SCOPES = {
    "affiliates:read": "Read affiliates with their addresses.",
    "affiliates:write": "Add and change affiliates.",
    "offers:read": "Read offers and their terms.",
    "offers:write": "Add and change offers.",
    "assignments:read": "Read who runs which offer.",
    "assignments:write": "Say who runs which offer, and on which terms.",
    "events:write": "Tell affiliates what has happened.",
    "mails:read": "See what became of a mail.",
    "suppressions:read": "Read addresses that are not to be mailed.",
    "suppressions:write": "Stop all mail to an address.",
}


def known(asked: Iterable[str]) -> list[str]:
    """The scopes in the table's order; `Invalid` for none, or for one that isn't there."""
    wanted = set(asked)
    for scope in sorted(wanted - SCOPES.keys()):
        raise Invalid({"scopes": f"There is no scope “{scope}”. Choose from {', '.join(SCOPES)}."})
    if not wanted:
        raise Invalid({"scopes": "A key without a scope opens nothing. Tick what the program needs."})
    return [scope for scope in SCOPES if scope in wanted]
