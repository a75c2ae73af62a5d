"""Everything that a program can ask for, in one table: the document, the page about it and the tests go by it."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.api.resources import RESOURCES, Resource
from webapp.api.schemas import name_of

PUT_WORDS = (
    "Send one object, or a list of up to 1,000. Each is checked by the same rules as forms and files. Found by {by}; what is"
    " there is changed, and fields that you leave out stay. Of a list, refused items stay out and the others count. Nobody "
    "is mailed."
)


@dataclass(frozen=True)
class Operation:
    """`view` is the endpoint. `takes` and `gives` name schemas; with `gives_many` a list may be sent and gets that answer."""

    view: str
    method: str
    path: str
    scope: str
    summary: str
    words: str
    gives: str
    takes: str = ""
    gives_many: str = ""
    keys: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    paged: bool = False
    announces: bool = False

    @property
    def group(self) -> str:
        return self.scope.partition(":")[0].capitalize()

    @property
    def changes(self) -> bool:
        return self.method != "GET"


def operations() -> tuple[Operation, ...]:
    """All of them, in the order in which pages show them."""
    return (*(each for resource in RESOURCES for each in _of(resource)), *_OTHERS)


def _of(resource: Resource) -> Iterator[Operation]:
    slug, one, name, kind = resource.slug, resource.kind.one, name_of(resource), resource.kind
    here, there = f"/api/{slug}", f"/api/{slug}" + "".join(f"/{{{key}}}" for key in resource.keys)
    reads, writes = f"{slug}:read", f"{slug}:write"
    an = f"an {one}" if one[0] in "aeio" else f"a {one}"
    yield Operation(
        f"{slug}_put",
        "POST",
        here,
        writes,
        f"Add or change {slug}",
        PUT_WORDS.format(by=" and ".join(kind.columns.labels[key] for key in resource.keys)),
        f"{name}Outcome",
        takes=f"{name}Input",
        gives_many=f"{name}Outcomes",
    )
    yield Operation(
        f"{slug}_list",
        "GET",
        here,
        reads,
        f"List {slug}",
        f"All {slug} that the owner of the key may export, in a fixed order. Filters compare exactly.",
        f"{name}Page",
        filters=resource.filters,
        paged=True,
    )
    yield Operation(
        f"{slug}_show", "GET", there, reads, f"Read {an}", "One of the list.", name, keys=resource.keys
    )
    yield Operation(
        f"{slug}_change",
        "PATCH",
        there,
        writes,
        f"Change {an}",
        "Only the fields that you send, such as the status; by the rules of its form. Nobody is mailed, unless you add "
        "`?announce=true`: then those are told whom the form would tell, and “queued” says how many mails that makes.",
        f"{name}Changed",
        takes=f"{name}Change",
        keys=resource.keys,
        announces=True,
    )


_OTHERS = (
    Operation(
        "tell",
        "POST",
        "/api/events/{name}",
        "events:write",
        "Tell affiliates what has happened",
        "Mails the template of the event to the affiliates that you name, or to everybody who runs the offer. Each person is "
        "mailed once for each “change”, however often and by whomever it is told. The answer names the mails, those that went "
        "before included. “held” says why there is none: “off” (the template is switched off), “nobody” (no from address "
        "yet), “approval” (so many that a second person has to agree first) or “declined” (he did not).",
        "Told",
        takes="Event",
        keys=("name",),
    ),
    Operation(
        "mail",
        "GET",
        "/api/mails/{number}",
        "mails:read",
        "What became of a mail",
        "“sent” means that the next mail server accepted it; nobody can know more. What came back later stands under “events”.",
        "Mail",
        keys=("number",),
    ),
    Operation(
        "suppress",
        "POST",
        "/api/suppressions",
        "suppressions:write",
        "Stop mail to an address",
        "Send one object, or a list of up to 1,000. It takes effect before the next mail. Lifting is left to people.",
        "SuppressionOutcome",
        takes="SuppressionInput",
        gives_many="SuppressionOutcomes",
    ),
    Operation(
        "suppressions",
        "GET",
        "/api/suppressions",
        "suppressions:read",
        "List suppressed addresses",
        "The newest first.",
        "SuppressionPage",
        filters=("address",),
        paged=True,
    ),
)
