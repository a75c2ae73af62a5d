"""Lists that a mail can go through with `[=each Name=]`, and how they travel: as one value of text, like every other value."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from webapp.mail.tokens.catalogue import ABOUT_AN_OFFER, MESSAGE, OFFER_DIGEST, TOKENS, example_values, key_of

MOST_ITEMS = 200
OF_AN_OFFER = frozenset(
    spec.key for spec in TOKENS.values() if spec.group == "Offer" and spec.valid_in == ABOUT_AN_OFFER
)
"""The tokens that mean the current offer inside a list of offers."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list: `tokens` are the keys that mean its current item, `valid_in` the kinds of mail (see CONTEXTS)."""

    name: str
    meaning: str
    valid_in: frozenset[str]
    tokens: frozenset[str]

    @property
    def key(self) -> str:
        """The spelling under which its value is kept: lower case."""
        return self.name.lower()


LISTS: dict[str, ListSpec] = {
    spec.key: spec
    for spec in (
        ListSpec(
            "Offers",
            "The offers that the mail is about; in a digest those that are new for the affiliate, in a message those he runs.",
            ABOUT_AN_OFFER | {MESSAGE, OFFER_DIGEST, "application_approved", "payment_notice"},
            OF_AN_OFFER,
        ),
        ListSpec(
            "ReplacementOffers",
            "The offers that can be run instead of the paused one.",
            frozenset({"offer_paused"}),
            OF_AN_OFFER,
        ),
    )
}


def find_list(name: str) -> ListSpec | None:
    """The list of that name, however it is spelt."""
    return LISTS.get(key_of(name))


def as_value(items: Iterable[Mapping[str, str]]) -> str:
    """A list as the value of its key. Each item has texts by token key, such as `offername`, for this recipient."""
    kept = [{key_of(key): text for key, text in item.items()} for item in items]
    if len(kept) > MOST_ITEMS:
        raise ValueError(f"a list of a mail has at most {MOST_ITEMS} items")
    return json.dumps(kept, separators=(",", ":"))


@lru_cache(maxsize=256)
def items_of(value: str) -> tuple[Mapping[str, str], ...]:
    """What `as_value` wrote; nothing for a value that is not a list. Raises ValueError for a list that cannot be read."""
    if not value.startswith("["):
        return ()
    items = json.loads(value)
    if len(items) > MOST_ITEMS:
        raise ValueError(f"a list of a mail has at most {MOST_ITEMS} items")
    if not all(
        isinstance(item, dict) and all(isinstance(text, str) for text in item.values()) for item in items
    ):
        raise ValueError("the items of a list must have texts by token key")
    return tuple(items)


def example_lists(context: str) -> dict[str, str]:
    """Two believable items for each list of one kind of mail."""
    first = {key: text for key, text in example_values("offer").items() if key in OF_AN_OFFER}
    second = first | {
        "offername": "Home Insurance CA",
        "cid": "3090",
        "offerpayout": "$18.50",
        "offerpayoutnocurrencysymbol": "18.50",
        "trackingurl": "https://go.network.example/?c=3090&a=1042",
    }
    return {spec.key: as_value([first, second]) for spec in LISTS.values() if context in spec.valid_in}
