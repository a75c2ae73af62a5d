"""What a rule can ask: the one table of fields and of the words with which each is compared."""

from collections.abc import Mapping
from dataclasses import dataclass

NONE, ONE, SOME, DAYS, DAY = "none", "one", "some", "days", "day"
TEXT, CODES, TAGS, CHOICE, WHEN, OFFER, CATEGORY, RUNNING, ACTIVITY, NEWS = [
    "text",
    "codes",
    "tags",
    "choice",
    "when",
    "offer",
    "category",
    "running",
    "activity",
    "news",
]

_KNOWN = {"filled": ("is filled in", NONE), "empty": ("is empty", NONE)}
OPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    TEXT: {
        "is": ("is", ONE),
        "is_not": ("is not", ONE),
        "contains": ("contains", ONE),
        "lacks": ("does not contain", ONE),
        "begins": ("begins with", ONE),
        **_KNOWN,
    },
    CODES: {"any": ("is one of", SOME), "no": ("is none of", SOME), **_KNOWN},
    TAGS: {"any": ("has one of", SOME), "all": ("has all of", SOME), "no": ("has none of", SOME), **_KNOWN},
    CHOICE: {"any": ("is one of", SOME), "no": ("is none of", SOME)},
    WHEN: {
        "within": ("within the last days:", DAYS),
        "older": ("longer ago than days:", DAYS),
        "since": ("on or after", DAY),
        "before": ("before", DAY),
    },
    OFFER: {
        "on": ("runs", ONE),
        "not_on": ("does not run", ONE),
        "requested": ("has asked for", ONE),
        "refused": ("was refused or blocked on", ONE),
        "without": ("has nothing to do with", ONE),
    },
    CATEGORY: {"on": ("runs one of category", ONE), "not_on": ("runs none of category", ONE)},
    RUNNING: {"some": ("runs at least one", NONE), "nothing": ("runs none", NONE)},
    ACTIVITY: {
        "within": ("in the last days:", DAYS),
        "not_within": ("not in the last days:", DAYS),
        "ever": ("ever", NONE),
        "never": ("never", NONE),
    },
    NEWS: {"wants": ("gets", ONE), "left": ("has left", ONE)},
}
"""By kind: word of the rule → how it reads, and what it is compared with."""


@dataclass(frozen=True)
class Field:
    """`column` is the attribute of the affiliate (or of his activity). `private` ones ask for what only those see who hold
    the right *view affiliate details*."""

    key: str
    label: str
    kind: str
    group: str
    column: str = ""
    private: bool = False
    longest: int = 100

    @property
    def ops(self) -> Mapping[str, tuple[str, str]]:
        return OPS[self.kind]


PERSON, PLACE, OFFERS, MAIL = "Affiliate", "Belongs to", "Offers", "Mail"
_TABLE = (
    Field("status", "Status", CHOICE, PLACE, "status"),
    Field("group", "Group", CHOICE, PLACE, "group_id"),
    Field("manager", "Manager", CHOICE, PLACE, "manager_id"),
    Field("tags", "Tags", TAGS, PLACE, "tags"),
    Field("country", "Country", CODES, PLACE, "country"),
    Field("language", "Language", CODES, PLACE, "language"),
    Field("affiliate_id", "Affiliate ID", TEXT, PERSON, "affiliate_id"),
    Field("company", "Company", TEXT, PERSON, "company"),
    Field("first_name", "First name", TEXT, PERSON, "first_name"),
    Field("last_name", "Last name", TEXT, PERSON, "last_name"),
    Field("user_name", "User name", TEXT, PERSON, "user_name"),
    Field("alt_id", "Alternative ID", TEXT, PERSON, "alt_id"),
    Field("email", "E-mail address", TEXT, PERSON, "address", private=True),
    Field("additional_data1", "Additional data 1", TEXT, PERSON, "additional_data1", private=True),
    Field("additional_data2", "Additional data 2", TEXT, PERSON, "additional_data2", private=True),
    Field("added", "Signed up", WHEN, PERSON, "created_at"),
    Field("tax_form", "Tax form", TEXT, PERSON, "tax_form_on"),
    Field("offer", "Offer", OFFER, OFFERS),
    Field("category", "Category", CATEGORY, OFFERS),
    Field("running", "Any offer", RUNNING, OFFERS),
    Field("mailed", "Was mailed", ACTIVITY, MAIL, "mailed_at"),
    Field("clicked", "Clicked", ACTIVITY, MAIL, "clicked_at"),
    Field("bounced", "Bounced", ACTIVITY, MAIL, "bounced_at"),
    Field("complained", "Complained", ACTIVITY, MAIL, "complained_at"),
    Field("news", "News", NEWS, MAIL),
)
FIELDS: Mapping[str, Field] = {field.key: field for field in _TABLE}


def asks_for(field: Field, op: str) -> str:
    """What such a rule is compared with: none, one, some, days or day."""
    return field.ops[op][1]
