"""Values as they stand in an encoded body. Most mean the same in every place, and most come again: both are made use of."""

from collections.abc import Callable, Iterable

from webapp.mail.compose.escaping import (
    clean,
    contact,
    html_attribute,
    html_text,
    html_url,
    plain,
    url_part,
    web_url,
)
from webapp.mail.compose.quoted_printable import SLOT, SOFT, encode_value, is_plain, is_plain_link
from webapp.mail.compose.template import Rendering

_SAME = frozenset((html_text, html_attribute, plain))
"""Into these places a plain value is written unchanged, into the next ones too if it is letters and digits only."""
_SAME_EVERYWHERE = _SAME | {url_part, contact}
_SAME_LINKS = _SAME | {html_url, web_url}
_OF_ONE = frozenset(
    (
        "affiliate.id",
        "affiliate.email",
        "affiliate.username",
        "affiliate.altid",
        "autologin",
        "autologintocreatives",
        "taxdoc",
    )
)
_KEPT = 512  # values of one token that are remembered
_LONGEST_KEPT = 400

Writer = Callable[[str], str]
Place = tuple[str, str, bool, Writer]


class Use:
    """One token with one default: `encoded` gives its value for each of its places, in the order of `writers`."""

    __slots__ = (
        "_everywhere",
        "_links",
        "_remembers",
        "_same",
        "default",
        "key",
        "multiline",
        "seen",
        "writers",
    )

    def __init__(self, key: str, default: str, multiline: bool, writers: tuple[Writer, ...]) -> None:
        self.key, self.default, self.multiline, self.writers = key, default, multiline, writers
        self._same = _SAME.issuperset(writers)
        self._everywhere = _SAME_EVERYWHERE.issuperset(writers)
        self._links = _SAME_LINKS.issuperset(writers)
        self._remembers = not (key in _OF_ONE or key.endswith(".link"))  # such a value comes only once
        self.seen: dict[str, tuple[bytes, ...]] = {"": self._written(default)}

    def encoded(self, value: str) -> tuple[bytes, ...]:
        """The value escaped and encoded for each place. Whoever is in a hurry looks into `seen` before."""
        if (self._everywhere and value.isalnum() and len(value) <= SLOT and value.isascii()) or (
            self._same and is_plain(value)
        ):
            found = (value.encode(),) * len(self.writers)
        elif self._links and is_plain_link(value):
            found = (SOFT + value.encode("ascii"),) * len(self.writers)
        else:
            found = self._written(clean(value, multiline=self.multiline) or self.default)
        if self._remembers and len(value) <= _LONGEST_KEPT:
            if len(self.seen) >= _KEPT:
                self.seen = {"": self.seen[""]}
            self.seen[value] = found
        return found

    def _written(self, value: str) -> tuple[bytes, ...]:
        found: list[bytes] = []
        last: str | None = None
        for write in self.writers:
            written = write(value)
            found.append(found[-1] if written == last else encode_value(written))
            last = written
        return tuple(found)


def uses_of(renderings: Iterable[Rendering]) -> tuple[list[Use], dict[Place, int]]:
    """The uses of the renderings, and the number of each place in what all uses together encode."""
    writers: dict[tuple[str, str, bool], list[Writer]] = {}
    for one in sorted(dict.fromkeys(renderings), key=lambda one: (one.key, one.default)):
        known = writers.setdefault((one.key, one.default, one.multiline), [])
        if one.write not in known:
            known.append(one.write)
    uses = [Use(*use, tuple(found)) for use, found in writers.items()]
    places = ((use.key, use.default, use.multiline, write) for use in uses for write in use.writers)
    return uses, {place: number for number, place in enumerate(places)}
