"""The catalogue explained: each token with where it is valid and a live example. The page and docs/tokens.md are made of it."""

from dataclasses import dataclass
from functools import cache

from webapp.mail.compose.compiling import compile_message
from webapp.mail.compose.draft import Draft
from webapp.mail.tokens.catalogue import ABOUT_AN_OFFER, CONTEXTS, MESSAGE, OFFER, TOKENS, example_values
from webapp.mail.tokens.lists import LISTS, OF_AN_OFFER, as_value, example_lists

_NAMES = {MESSAGE: "messages", OFFER: "mail about an offer"}


@dataclass(frozen=True, slots=True)
class Explained:
    """One row: what to write, what it means, where it may stand, and what an affiliate would read."""

    group: str
    written: str
    meaning: str
    valid: str
    example: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of a template, what it says, and what two affiliates would read."""

    written: str
    meaning: str
    examples: tuple[str, str]


_GRAMMAR = (
    ("Hello [=Affiliate.FirstName|there=]", "A text for those whose value is empty stands behind “|”."),
    (
        "[=if Affiliate.CompanyName=]For [=Affiliate.CompanyName=][=else=]For you[=end=]",
        "Whether there is a value. The part behind [=else=] may be left out.",
    ),
    ("[=if not Affiliate.AltID=]Send us your id.[=end=]", "Whether there is none."),
    (
        '[=if OfferType = "Cost per lead"=]Leads count.[=else=]Sales count.[=end=]',
        "Whether the value is this one; != asks for another one. Capitals do not count.",
    ),
    (
        "[=each Offers=]<p>[=OfferName=]: [=OfferPayout=]</p>[=end=]",
        "Everything up to [=end=] once for each offer; the offer's tokens mean that one.",
    ),
)


@cache
def tokens() -> tuple[Explained, ...]:
    """Every token, in the order of the catalogue."""
    return tuple(
        Explained(
            spec.group, spec.written(), spec.meaning, _valid(spec.key, spec.valid_in), _example(spec.key)
        )
        for spec in TOKENS.values()
    )


@cache
def lists() -> tuple[Explained, ...]:
    """Every list."""
    return tuple(
        Explained(
            "Lists",
            f"[=each {spec.name}=] … [=end=]",
            spec.meaning,
            _valid("", spec.valid_in),
            _text(
                f"[=each {spec.name}=]<div>[=OfferName=]</div>[=end=]",
                min(spec.valid_in),
                example_lists(min(spec.valid_in)),
            ),
        )
        for spec in LISTS.values()
    )


@cache
def grammar() -> tuple[Shown, ...]:
    """What can be written beside plain tokens, as an affiliate with every value and one with hardly any would read it."""
    full = example_values(OFFER) | example_lists(OFFER)
    bare = {"offertype": "Cost per sale", "offers": as_value([])}
    return tuple(
        Shown(written, meaning, (_text(written, OFFER, full), _text(written, OFFER, bare)))
        for written, meaning in _GRAMMAR
    )


def _example(key: str) -> str:
    spec = TOKENS[key]
    context = MESSAGE if MESSAGE in spec.valid_in else min(spec.valid_in)
    place = f'<a href="{spec.written()}">{spec.written()}</a>' if spec.kind == "url" else spec.written()
    return _text(place, context, example_values(context))


def _text(written: str, context: str, values: dict[str, str]) -> str:
    """What the composer itself makes of it."""
    draft = Draft(
        subject="x",
        html=f"<html><body><div>{written}</div></body></html>",
        from_name="",
        from_address="news@network.example",
        reply_to=None,
        sender=None,
        kind="operational",
        list_id=None,
        network_name="",
        postal_address="",
        public_url="",
        domain_for_message_ids="network.example",
    )
    return compile_message(draft, context=context).preview(values).text.strip()


def _valid(key: str, valid_in: frozenset[str]) -> str:
    if valid_in == CONTEXTS:
        return "every mail"
    inside = "; in a list of offers" if key in OF_AN_OFFER else ""
    if valid_in == ABOUT_AN_OFFER:
        return _NAMES[OFFER] + inside
    named = {OFFER} if valid_in > ABOUT_AN_OFFER else set()
    left = valid_in - ABOUT_AN_OFFER if named else valid_in
    if valid_in == CONTEXTS - {MESSAGE}:
        return "every mail but messages"
    names = [_NAMES[OFFER]] * bool(named) + [_NAMES.get(one, one.replace("_", " ")) for one in sorted(left)]
    return ", ".join(names) + inside
