"""A mail as one affiliate would see it: for templates and for messages alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.mail import links
from webapp.mail.compose import Draft, TokenProblems, compile_message
from webapp.mail.compose.compiled import Preview
from webapp.mail.tokens import MESSAGE, Problem, TokenSpec, available, suggested
from webapp.offers.values import OfferValues
from webapp.settings import store

_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Seen:
    """What an affiliate would see, and which of the values it lacks. `size` is that of the HTML in bytes."""

    preview: Preview
    missing: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Offered:
    """A token of the picker with its value for the previewed affiliate."""

    spec: TokenSpec
    value: str


@dataclass
class Look:
    """The draft seen as one affiliate, or with example values; `seen` is None while it can't be compiled."""

    draft: Draft
    problems: list[Problem]
    candidates: list[Affiliate] = field(default_factory=list)
    affiliate: Affiliate | None = None
    seen: Seen | None = None
    tokens: list[tuple[str, list[Offered]]] = field(default_factory=list)

    def choose(self, candidates: Sequence[Affiliate], chosen: int | None) -> None:
        """The affiliates to choose from, and the one who is looked at: the wanted one, or else the first."""
        self.candidates = list(candidates)
        wanted = (one for one in self.candidates if one.id == chosen)
        self.affiliate = next(wanted, next(iter(self.candidates), None))

    def fill(self, values: Mapping[str, str], context: str = MESSAGE) -> None:
        """Fill the draft, if nothing is wrong with it. What is missing beside the text is said where it is."""
        if self.problems:
            return
        try:
            self.seen = seen_with(self.draft, values, context)
        except TokenProblems:
            self.seen = None

    def beside(self, step: int) -> Affiliate | None:
        """The affiliate before or after this one in the choice."""
        ids = [one.id for one in self.candidates]
        place = ids.index(self.affiliate.id) + step if self.affiliate else -1
        return self.candidates[place] if 0 <= place < len(ids) else None


def seen_with(draft: Draft, values: Mapping[str, str], context: str = MESSAGE) -> Seen:
    """The filled mail; `TokenProblems` when the draft can't be compiled."""
    compiled = compile_message(draft, context=context)
    preview = compiled.preview(values)
    return Seen(preview, compiled.missing(values), len(preview.html.encode()))


def in_colours(html: str, colours: str) -> str:
    """The mail as a program in that mode shows it ("dark" or else light), whatever the mode of the browser that looks."""
    holds, fails = "(min-width: 0)", "(max-width: 0)"
    modes = {"dark": holds, "light": fails} if colours == "dark" else {"dark": fails, "light": holds}
    return _PREFERS.sub(lambda found: modes[found.group(1).lower()], html)


def values_of(session: Session, draft: Draft, affiliate: Affiliate, offer: str = "") -> dict[str, str]:
    """Token values of the affiliate, of the network, and of the offer (by CID) as this affiliate has it."""
    own = OfferValues().load(session, [affiliate.id], offer).get(affiliate.id, {})
    opened = store.identity(session).portal_open
    leading = links.previews(draft.public_url, offer, portal=opened)
    return {**network_values(draft), **leading, **own}


def network_values(draft: Draft) -> dict[str, str]:
    """Token values that are the same for everybody."""
    return {
        "network.name": draft.network_name,
        "network.address": draft.postal_address,
        "network.loginurl": links.previews(draft.public_url)["network.loginurl"],
        "sender.name": draft.from_name,
        "sender.email": draft.from_address,
    }


def offered(values: Mapping[str, str], context: str = MESSAGE) -> list[tuple[str, list[Offered]]]:
    """The tokens of one kind of mail by group, with the values that they have."""
    groups: dict[str, list[Offered]] = {}
    for spec in available(context):
        groups.setdefault(spec.group, []).append(Offered(spec, values.get(spec.key, "")))
    return list(groups.items())


_REPAIRED = re.compile(r"^Write it as (\[=.*=\])\.$")


def replacement(problem: Problem) -> str:
    """The token that a lint line offers to put in place of the wrong one, or ""."""
    if repaired := _REPAIRED.search(problem.suggestion):
        return repaired[1] if not problem.token.endswith("…") else ""
    name = problem.token.strip("[=]").partition("|")[0].strip()
    return suggested(name) if problem.token.startswith("[=") and "Did you mean" in problem.suggestion else ""
