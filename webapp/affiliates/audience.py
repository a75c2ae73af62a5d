"""Who a message goes to, written as one line: `all-offer:3071`, `group:Solar+manager:tom@example.com-group:"On hold"`.

Parts joined by `+` are added up. Only those are left whom each part after `&` names too, and whoever a part after `-` names
is taken out again, whatever the order. A sign counts only before the word that begins a part, so that a group may be called
Co-op; a name that could be misread stands in quotes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.accounts.models import User
from webapp.affiliates import ports
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.errors import Invalid

MAILABLE = "active"
LONGEST = 500
REMEDY = (
    "Write all, my, group:NAME, my:GROUP, manager:EMAIL, offer:CID, my.offer:CID, without:CID, my.without:CID or "
    "segment:NUMBER, joined by +, narrowed by & and taken out by -."
)
ABOUT_OFFERS = {"offer": "on", "my_offer": "on", "without": "without", "my_without": "without"}

_HEAD = r"(?:(all|my)(?=\s*(?:$|[+&-]))|(group|manager|offer|without|segment|my\.offer|my\.without|my):)"
_SIGN = re.compile(rf"\s*([+&-])\s*(?={_HEAD})", re.IGNORECASE)
_PART = re.compile(_HEAD, re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One part. `kind` is all, my, group, my_group, manager, offer (approved on it), my_offer, without (neither on it nor
    waiting nor refused), my_without or segment; `name` the group, address, CID or number of a segment it names."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        if self.kind in ("all", "my"):
            return self.kind
        word = {"my_group": "my", "my_offer": "my.offer", "my_without": "my.without"}.get(
            self.kind, self.kind
        )
        return f"{word}:{_quoted(self.name)}"

    def describe(self, session: Session) -> str:
        if self.kind == "segment":
            return f"affiliates in segment {ports.segments().name(session, self.name)}"
        return {
            "all": "all affiliates",
            "my": "my affiliates",
            "group": f"affiliates in group {self.name}",
            "my_group": f"my affiliates in group {self.name}",
            "manager": f"affiliates of {self.name}",
            "offer": f"affiliates on offer {self.name}",
            "my_offer": f"my affiliates on offer {self.name}",
            "without": f"affiliates not yet on offer {self.name}",
            "my_without": f"my affiliates not yet on offer {self.name}",
        }[self.kind]


@dataclass(frozen=True)
class Audience:
    """A parsed expression; `str()` writes it again."""

    added: tuple[Part, ...]
    taken_out: tuple[Part, ...] = ()
    within: tuple[Part, ...] = ()

    def __str__(self) -> str:
        narrowed = "".join(f"&{part}" for part in self.within)
        return "+".join(map(str, self.added)) + narrowed + "".join(f"-{part}" for part in self.taken_out)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (*self.added, *self.within, *self.taken_out)

    @property
    def only_own(self) -> bool:
        """Whether it can reach nobody but affiliates of the person who sends."""
        return all(part.kind.startswith("my") for part in self.added)

    @property
    def offers(self) -> list[str]:
        """The CIDs that it names."""
        return [part.name for part in self.parts if part.kind in ABOUT_OFFERS]

    @property
    def segments(self) -> list[str]:
        """The numbers of segments that it names."""
        return [part.name for part in self.parts if part.kind == "segment"]


def preset(kind: str, group: str = "", offer: str = "", segment: str = "") -> str:
    """The expression of a preset: all, my, group, my_group, and the four about an offer; `segment` narrows it."""
    if kind in ("group", "my_group") and not group:
        raise Invalid({"group": "Choose the group that the message goes to."})
    if kind in ABOUT_OFFERS and not offer:
        raise Invalid({"offer": "Choose the offer whose affiliates you mean."})
    name = offer if kind in ABOUT_OFFERS else group if kind in ("group", "my_group") else ""
    return str(Audience((Part(kind, name),), within=(Part("segment", segment),) if segment else ()))


def parse(expression: str) -> Audience:
    """Read an expression; raise `Invalid` for `audience` with the remedy."""
    if len(expression) > LONGEST:
        raise Invalid({"audience": f"That is longer than {LONGEST} characters. Put the people into a group."})
    text, sign = expression.strip(), "+"
    parts: dict[str, list[Part]] = {"+": [], "&": [], "-": []}
    while True:
        part, text = _take(text)
        parts[sign].append(part)
        if not text:
            break
        sign, text = text[0], text[1:].lstrip()
    return Audience(tuple(parts["+"]), tuple(parts["-"]), tuple(parts["&"]))


def describe(session: Session, expression: str) -> str:
    """The expression in words: “All affiliates, without affiliates in group Solar”."""
    audience = parse(expression)
    words = " and ".join(part.describe(session) for part in audience.added)
    for joint, parts in ((", only ", audience.within), (", without ", audience.taken_out)):
        if parts:
            words += joint + " and ".join(part.describe(session) for part in parts)
    return words[0].upper() + words[1:]


def audience_query(session: Session, expression: str, user: User | None) -> Select[int, str]:
    """Affiliate.id and Affiliate.address of everybody it names who may be mailed (status active), in order of id.

    `my` means the affiliates of `user`. Names that nobody has are refused with the nearest one.
    """
    audience = parse(expression)
    inside = or_(*(_condition(session, part, user) for part in audience.added))
    query = select(Affiliate.id, Affiliate.address).where(Affiliate.status == MAILABLE, inside)
    for part in audience.within:
        query = query.where(_condition(session, part, user))
    for part in audience.taken_out:
        query = query.where(not_(_condition(session, part, user)))
    return query.order_by(Affiliate.id)


def count(session: Session, expression: str, user: User | None) -> int:
    """How many affiliates it names who may be mailed."""
    query = audience_query(session, expression, user).order_by(None)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _take(text: str) -> tuple[Part, str]:
    found = _PART.match(text)
    if not found:
        if not text:
            raise Invalid({"audience": f"A part is missing. {REMEDY}"})
        raise Invalid({"audience": f"“{text[:60]}” begins with none of the words we know. {REMEDY}"})
    rest = text[found.end() :].lstrip()
    if found[1]:
        return Part(found[1].lower()), rest
    kind = {"my": "my_group"}.get(found[2].lower(), found[2].lower().replace(".", "_"))
    name, rest = _quoted_name(rest) if rest.startswith('"') else _plain_name(rest)
    if not name:
        raise Invalid({"audience": f"“{found[0]}” names nobody. {REMEDY}"})
    return Part(kind, name), rest


def _plain_name(text: str) -> tuple[str, str]:
    sign = _SIGN.search(text)
    return (text[: sign.start()].strip(), text[sign.start() :].lstrip()) if sign else (text.strip(), "")


def _quoted_name(text: str) -> tuple[str, str]:
    found = re.match(r'"((?:[^"]|"")*)"\s*', text)
    if not found:
        raise Invalid({"audience": f"The quote before “{text[1:40]}” is never closed. Add a second one."})
    rest = text[found.end() :]
    if rest and not _SIGN.match(rest):
        raise Invalid({"audience": f"“{rest[:40]}” follows a closed quote. Put +, & or - between two parts."})
    return found[1].replace('""', '"').strip(), rest


def _quoted(name: str) -> str:
    plain = not name.startswith('"') and not _SIGN.search(name) and name == name.strip()
    return name if plain else '"' + name.replace('"', '""') + '"'


def _condition(session: Session, part: Part, user: User | None) -> ColumnElement[bool]:
    if part.kind == "all":
        return true()
    if part.kind == "manager":
        return _same(Affiliate.manager_id, _manager_id(session, part.name))
    if part.kind == "segment":
        return ports.segments().within(session, part.name, user)
    own = _same(Affiliate.manager_id, _me(user)) if part.kind.startswith("my") else true()
    if part.kind == "my":
        return own
    if part.kind in ABOUT_OFFERS:
        offers = ports.offers()
        asked = offers.on if ABOUT_OFFERS[part.kind] == "on" else offers.without
        return and_(own, asked(session, part.name))
    return and_(own, _same(Affiliate.group_id, _group_id(session, part.name)))


def _same(column: InstrumentedAttribute[int | None], value: int) -> ColumnElement[bool]:
    # Not plain "=": taking out whom Tom manages must not take out those whom nobody manages (NOT NULL is NULL).
    return and_(column.is_not(None), column == value)


def _me(user: User | None) -> int:
    if user is None:
        raise Invalid({"audience": "“my” needs somebody who asks. Name the manager: manager:EMAIL."})
    return user.id


def _group_id(session: Session, name: str) -> int:
    groups = session.execute(select(AffiliateGroup.name, AffiliateGroup.id)).all()
    return _find(name, {row[0]: row[1] for row in groups}, "group", "Make the group first")


def _manager_id(session: Session, email: str) -> int:
    users = session.execute(select(User.email, User.id)).all()
    return _find(email.lower(), {row[0]: row[1] for row in users}, "user", "Use the address of a user")


def _find(name: str, known: dict[str, int], what: str, remedy: str) -> int:
    if name in known:
        return known[name]
    folded = {each.casefold(): each for each in known}
    if name.casefold() in folded:
        return known[folded[name.casefold()]]
    raise Invalid({"audience": f"There is no {what} “{name}”. {_nearest(name, folded) or remedy + '.'}"})


def _nearest(name: str, folded: dict[str, str]) -> str:
    near: Iterable[str] = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return "".join(f"Did you mean “{folded[each]}”?" for each in near)
