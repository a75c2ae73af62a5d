"""The one table of all tokens. Pages, documentation, the linter and the composer read it; nothing else lists tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a token's value is, which decides how it is written into each place of a mail."""

    TEXT = "text"
    HTML = "html"
    URL = "url"


MESSAGE = "message"
OFFER = "offer"
OFFER_DIGEST = "offer_digest"

_OFFER_EVENTS = frozenset(
    {
        "campaign_request_approved",
        "campaign_request_denied",
        "send_creatives",
        "cap_notification",
        "offer_announcement",
        "payout_change",
        "offer_paused",
    }
)
_OTHER_EVENTS = frozenset(
    {
        "application_submitted",
        "application_approved",
        "application_denied",
        "password_reset",
        "tax_document_reminder",
        "payment_notice",
    }
)
ABOUT_AN_OFFER = _OFFER_EVENTS | {OFFER}
CONTEXTS = ABOUT_AN_OFFER | _OTHER_EVENTS | {MESSAGE, OFFER_DIGEST}
"""The kinds of mail a token can be valid in: a message without an offer, a digest of new offers, mail about an offer, or an
event's template."""


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """One token: `valid_in` names the kinds of mail (see CONTEXTS) in which it has a value."""

    name: str
    meaning: str
    group: str
    kind: Kind
    valid_in: frozenset[str]
    example: str
    multiline: bool = False

    @property
    def key(self) -> str:
        """The spelling under which values are kept: lower case."""
        return self.name.lower()

    def written(self) -> str:
        """As people write it in a template."""
        return f"[={self.name}=]"


def _group(group: str, valid_in: frozenset[str], *rows: tuple[str, Kind, str, str]) -> Iterator[TokenSpec]:
    for name, kind, example, meaning in rows:
        yield TokenSpec(name, meaning, group, kind, valid_in, example, multiline=name in _MULTILINE)


_MULTILINE = frozenset({"Network.Address", "OfferFromLines", "OfferSubjectLines"})
_T, _H, _U = Kind.TEXT, Kind.HTML, Kind.URL
_SIGN_IN = frozenset({"application_approved", MESSAGE, OFFER_DIGEST, *ABOUT_AN_OFFER})

_ALL: tuple[TokenSpec, ...] = (
    *_group(
        "Affiliate",
        CONTEXTS,
        ("Affiliate.ID", _T, "1042", "The number of the affiliate."),
        ("Affiliate.FirstName", _T, "Dana", "The affiliate's first name."),
        ("Affiliate.LastName", _T, "Whitfield", "The affiliate's last name."),
        ("Affiliate.CompanyName", _T, "Bright Leads LLC", "The affiliate's company."),
        ("Affiliate.GroupName", _T, "Gold partners", "The group the affiliate belongs to."),
        ("Affiliate.GroupID", _T, "7", "The number of the affiliate's group."),
        ("Affiliate.AltID", _T, "BL-77", "The affiliate's second identifier, as in your other system."),
        ("Affiliate.AdditionalData1", _T, "EMEA", "The first free field of the affiliate."),
        ("Affiliate.AdditionalData2", _T, "Net 15", "The second free field of the affiliate."),
        ("Affiliate.Email", _T, "dana@brightleads.example", "The affiliate's email address."),
        ("Affiliate.UserName", _T, "danaw", "The name with which the affiliate signs in."),
    ),
    *_group(
        "Affiliate's manager",
        CONTEXTS,
        ("AffiliateManager.FirstName", _T, "Marco", "First name of the affiliate's primary manager."),
        ("AffiliateManager.LastName", _T, "Reyes", "Last name of the affiliate's primary manager."),
        ("AffiliateManager.Email", _T, "marco@network.example", "Email address of the primary manager."),
        ("AffiliateManager.Phone", _T, "+1 801 555 0134", "Phone number of the primary manager."),
        ("AffiliateManager.IM", _T, "live:marco.reyes", "Instant messenger name of the primary manager."),
        (
            "AffiliateManager.Picture",
            _U,
            "https://network.example/marco.png",
            "Address of the manager's picture.",
        ),
    ),
    *_group(
        "Network",
        CONTEXTS,
        ("Network.Name", _T, "Northwind Partners", "Your network's name."),
        (
            "Network.Address",
            _T,
            "12 Harbor Street\nSalt Lake City, UT 84101",
            "Your network's postal address.",
        ),
        ("Network.LoginURL", _U, "https://network.example/my/sign-in", "Where affiliates sign in."),
        ("Today", _T, "23 November 2026", "The day on which the mail is sent."),
    ),
    *_group(
        "Sender",
        CONTEXTS,
        ("Sender.Name", _T, "Marco Reyes", "The name the mail comes from."),
        ("Sender.Email", _T, "marco@network.example", "The address the mail comes from."),
    ),
    *_group(
        "Offer",
        ABOUT_AN_OFFER,
        ("OfferName", _T, "Solar Quotes US", "The offer's public title."),
        ("CID", _T, "3071", "The number of the offer."),
        ("OfferPayout", _T, "$24.00", "What this affiliate earns, with the currency sign."),
        ("OfferPayoutNoCurrencySymbol", _T, "24.00", "What this affiliate earns, as a bare number."),
        (
            "OfferDescription",
            _H,
            "<p>Home owners, one form.</p>",
            "The offer's description, with its formatting.",
        ),
        (
            "TrackingURL",
            _U,
            "https://go.network.example/?c=3071&a=1042",
            "This affiliate's own tracking link.",
        ),
        ("OfferEndDate", _T, "31 December 2026", "The day on which the offer ends."),
        ("OfferType", _T, "Cost per lead", "How the offer pays."),
        ("OfferLogo", _U, "https://network.example/solar.png", "Address of the offer's logo."),
        (
            "OfferSpecialInstructions",
            _H,
            "<p>No incentives.</p>",
            "What affiliates must observe, with formatting.",
        ),
        ("OfferSuppressionListURL", _U, "https://network.example/s/3071", "Where the suppression list is."),
        ("OfferFromLines", _T, "Solar Quotes", "From lines that affiliates may use."),
        ("OfferSubjectLines", _T, "Cut your power bill", "Subject lines that affiliates may use."),
        (
            "AutoLogintoCreatives",
            _U,
            "https://network.example/l/c/x",
            "The offer's creatives, signing in by itself; works once, for 24 hours.",
        ),
        (
            "ManualLogintoCreatives",
            _U,
            "https://network.example/creatives/3071",
            "The offer's creatives, after signing in.",
        ),
    ),
    *_group(
        "Offer",
        frozenset({"send_creatives"}),
        ("Creatives", _H, "<p>Banner 300 × 250</p>", "The creatives that were chosen, ready to copy."),
        ("CreativeName", _T, "Banner 300 × 250", "The name of the creative."),
    ),
    *_group(
        "Event",
        frozenset({"application_denied", "campaign_request_denied"}),
        ("DenialReason", _T, "The site could not be reached.", "Why the request was denied."),
    ),
    *_group(
        "Event",
        frozenset({"payout_change"}),
        ("OldPayout", _T, "$20.00", "What the affiliate earned before the change."),
        ("NewPayout", _T, "$24.00", "What the affiliate earns after the change."),
    ),
    *_group(
        "Event",
        frozenset({"payout_change", "offer_paused"}),
        ("EffectiveDate", _T, "1 December 2026", "The day from which the change counts."),
    ),
    *_group(
        "Event",
        frozenset({"cap_notification"}),
        ("CapAmount", _T, "500", "The cap that is being approached."),
        ("CapPercent", _T, "80", "How much of the cap is used up, in per cent."),
    ),
    *_group(
        "Event",
        frozenset({"offer_paused"}),
        ("PauseReason", _T, "The budget is spent.", "Why the offer was paused."),
        ("ReplacementOffers", _H, "<ul><li>Solar Quotes CA</li></ul>", "Offers that can be run instead."),
    ),
    *_group(
        "Links",
        frozenset({"application_submitted"}),
        (
            "EmailConfirmation.Link",
            _U,
            "https://network.example/l/e/x",
            "Confirms the address of the application.",
        ),
    ),
    *_group(
        "Links",
        frozenset({"password_reset"}),
        ("PasswordReset.Link", _U, "https://network.example/l/p/x", "Single-use link to set a new password."),
    ),
    *_group(
        "Links",
        _SIGN_IN,
        (
            "AutoLogin",
            _U,
            "https://network.example/l/a/x",
            "Signs in to the affiliate's own page; works once, for 24 hours after the mail has left.",
        ),
    ),
    *_group(
        "Links",
        frozenset({"application_approved", "tax_document_reminder", MESSAGE}),
        ("TaxDoc", _U, "https://network.example/l/t/x", "Where the affiliate hands in the tax form."),
    ),
    *_group(
        "Links",
        CONTEXTS,
        ("Unsubscribe.Link", _U, "https://network.example/u/x", "Stops announcements to this address."),
    ),
    *_group(
        "Links",
        CONTEXTS,
        (
            "Preferences.Link",
            _U,
            "https://network.example/l/m/x",
            "Where the affiliate chooses which mail to get.",
        ),
    ),
)

TOKENS: dict[str, TokenSpec] = {spec.key: spec for spec in _ALL}
"""Every token by its lower-case name, in the order in which pages show them."""


def key_of(name: str) -> str:
    """The catalogue's key for a name as written: case and blanks do not count."""
    return "".join(name.split()).lower()


def find(name: str) -> TokenSpec | None:
    """The token of that name, however it is spelt."""
    return TOKENS.get(key_of(name))


def available(context: str) -> tuple[TokenSpec, ...]:
    """The tokens that can be used in one kind of mail, in the order of the catalogue."""
    return tuple(spec for spec in TOKENS.values() if context in spec.valid_in)


def example_values(context: str = MESSAGE) -> dict[str, str]:
    """A believable value for each token of one kind of mail, for previews without an affiliate."""
    return {spec.key: spec.example for spec in available(context)}
