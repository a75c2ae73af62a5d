"""The rights in one table, and the presets that fill them in. What counts is a user's own set."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from webapp.errors import Invalid


@dataclass(frozen=True)
class Right:
    """`allows` says in a sentence what its holder may do."""

    slug: str
    group: str
    label: str
    allows: str


@dataclass(frozen=True)
class Preset:
    slug: str
    label: str
    words: str
    rights: frozenset[str]


_TABLE = (
    Right(
        "view_affiliate_details", "Affiliates", "View affiliate details", "Opens the page of an affiliate."
    ),
    Right("view_all_affiliates", "Affiliates", "View all affiliates", "Not only the own ones."),
    Right("create_affiliates", "Affiliates", "Create affiliates", "Adds an affiliate by hand."),
    Right("edit_assigned", "Affiliates", "Edit assigned", "Changes the affiliates one manages."),
    Right("edit_all", "Affiliates", "Edit all", "Changes every affiliate."),
    Right("view_all_offers", "Offers", "View all offers", "Not only the own ones."),
    Right("edit_own_offers", "Offers", "Edit own offers", "Adds offers and changes those one manages."),
    Right("edit_all_offers", "Offers", "Edit all offers", "Changes every offer and who runs it."),
    Right("approve_applications", "Affiliates", "Approve applications", "Decides who joins the network."),
    Right("view_payment_details", "Affiliates", "View payment details", "Sees how affiliates are paid."),
    Right(
        "send_to_own_affiliates", "Sending", "Send to own affiliates", "Writes to the affiliates one manages."
    ),
    Right("send_to_all", "Sending", "Send to all", "Writes to every active affiliate."),
    Right("send_as_another", "Sending", "Send as another", "Writes with a colleague’s name."),
    Right("approve_large_sends", "Sending", "Approve large sends", "Lets a message go to very many."),
    Right("view_delivery_log", "Delivery", "View delivery log", "Sees what became of each mail."),
    Right("manage_suppressions", "Delivery", "Manage suppressions", "Decides who is not to be mailed."),
    Right("manage_domains", "Delivery", "Manage domains", "DNS checks and DKIM keys."),
    Right("manage_users", "Account", "Manage users", "Also opens the audit trail."),
    Right("manage_email_settings", "Account", "Manage email settings", "Identity, mail servers, passwords."),
    Right("manage_templates", "Account", "Manage templates", "Changes what the mails of the network say."),
    Right("manage_apis", "Account", "Manage APIs", "Keys for other programs."),
    Right("import_and_export", "Account", "Import and export", "Whole lists, in and out."),
)
RIGHTS = {right.slug: right for right in _TABLE}
ALL = frozenset(RIGHTS)

_PRESETS = (
    Preset("administrator", "Administrator", "Everything.", ALL),
    Preset(
        "power_user",
        "Power User",
        "Everything but the templates and the network’s own information.",
        ALL - {"manage_templates", "manage_email_settings"},
    ),
    Preset(
        "affiliate_manager",
        "Affiliate Manager",
        "Looks after own affiliates and writes to them.",
        frozenset(
            {
                "view_affiliate_details",
                "create_affiliates",
                "edit_assigned",
                "approve_applications",
                "view_all_offers",
                "send_to_own_affiliates",
            }
        ),
    ),
    Preset(
        "campaign_manager",
        "Campaign Manager",
        "Looks after own offers.",
        frozenset({"view_all_affiliates", "view_affiliate_details", "edit_own_offers", "view_delivery_log"}),
    ),
    Preset(
        "report_runner",
        "Report Runner",
        "Reads everything, changes nothing.",
        frozenset(
            {
                "view_all_affiliates",
                "view_affiliate_details",
                "view_all_offers",
                "view_payment_details",
                "view_delivery_log",
            }
        ),
    ),
    Preset("other", "Other", "Nothing until you tick it.", frozenset()),
)
PRESETS = {preset.slug: preset for preset in _PRESETS}


def grouped() -> list[tuple[str, list[Right]]]:
    """The rights by group, in the order in which pages draw them."""
    groups: dict[str, list[Right]] = {}
    for right in _TABLE:
        groups.setdefault(right.group, []).append(right)
    return list(groups.items())


def known(slugs: Iterable[str]) -> list[str]:
    """The slugs in the table's order; `Invalid` names the first that is none, with the nearest that is."""
    asked = set(slugs)
    for slug in sorted(asked - ALL):
        raise Invalid({"rights": _unknown(slug)})
    return [slug for slug in RIGHTS if slug in asked]


def changes(preset: str, rights: Iterable[str]) -> int:
    """By how many ticks a set differs from its preset."""
    start = PRESETS[preset].rights if preset in PRESETS else frozenset()
    return len(start ^ set(rights))


def may_send_to(rights: Iterable[str]) -> str:
    """Everyone, Own affiliates or Nobody: the column of the users' list."""
    held = set(rights)
    if "send_to_all" in held:
        return "Everyone"
    return "Own affiliates" if "send_to_own_affiliates" in held else "Nobody"


def _unknown(slug: str) -> str:
    near = get_close_matches(slug.lower().replace("-", "_").replace(" ", "_"), RIGHTS, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"Choose from {', '.join(RIGHTS)}."
    return f"There is no right “{slug}”. {hint}"
