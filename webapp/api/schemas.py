"""JSON Schemas of what goes in and out, from the tables by which it is checked."""

from typing import Any

from webapp.api.body import MOST_ITEMS
from webapp.api.fields import AMOUNTS, DAYS, LISTS, WHOLE, Field
from webapp.api.mails import SUPPRESSION
from webapp.api.resources import RESOURCES, Resource
from webapp.api.telling import events
from webapp.feedback.barred import COLUMNS
from webapp.mail.states import State
from webapp.mail.suppressions import REASONS
from webapp.mail.suppressions import SCOPES as SUPPRESSION_SCOPES

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
OUTCOMES = ("added", "changed", "same", "refused")


def schemas() -> dict[str, Schema]:
    """Every schema by name."""
    found: dict[str, Schema] = {"Problem": _problem(), "Refusal": _refusal(), "Mail": _mail()}
    found |= {"Event": _event(), "Told": _told()}
    for resource in RESOURCES:
        found |= _of(resource)
    suppression = dict.fromkeys(COLUMNS, TEXT) | {"created_at": MOMENT}
    suppression |= {"scope": _one_of(SUPPRESSION_SCOPES), "reason": _one_of(REASONS)}
    found["Suppression"] = whole(suppression)
    found["SuppressionInput"] = _input(SUPPRESSION, ("address",))
    found["SuppressionPage"] = _page("Suppression")
    found["SuppressionOutcome"] = _outcome(("address",))
    found["SuppressionOutcomes"] = _outcomes(("address",))
    return found


def name_of(resource: Resource) -> str:
    """“Affiliate” for affiliates."""
    return resource.kind.one.capitalize()


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def whole(properties: dict[str, Schema], *optional: str) -> Schema:
    """An object that has all of these and nothing else."""
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def list_of(schema: Schema, **more: int) -> Schema:
    return {"type": "array", "items": schema, **more}


def _of(resource: Resource) -> dict[str, Schema]:
    name = name_of(resource)
    return {
        name: whole({field.name: _out(field) for field in resource.fields.values()}),
        f"{name}Input": _input(resource.fields, tuple(resource.kind.columns.required)),
        f"{name}Change": _input(resource.changeable, ()),
        f"{name}Page": _page(name),
        f"{name}Outcome": _outcome(resource.keys),
        f"{name}Outcomes": _outcomes(resource.keys),
        f"{name}Changed": whole(
            {"outcome": _one_of(OUTCOMES[1:2]), **dict.fromkeys(resource.keys, TEXT), "queued": NUMBER}
        ),
    }


def _input(fields: dict[str, Field], needed: tuple[str, ...]) -> Schema:
    properties = {field.name: _in(field) for field in fields.values()}
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(needed)} if needed else {"minProperties": 1})


def _in(field: Field) -> Schema:
    kinds = ["string", "integer", "null"]
    if field.name in LISTS:
        kinds = ["string", "array", "null"]
    elif field.name in AMOUNTS:
        kinds = ["string", "number", "null"]
    found: Schema = {"description": words(field), "type": kinds, "maxLength": field.most}
    if field.name in LISTS:
        found["items"] = TEXT
    return found | ({"examples": [field.example]} if field.example is not None else {})


def words(field: Field) -> str:
    """What a field is, in a sentence or two."""
    found = f"{field.label}."
    if field.values:
        found += f" One of {', '.join(field.values)}."
    if field.name in LISTS:
        found += " A list of texts, or one text."
    if field.name in DAYS:
        found += " A day as YYYY-MM-DD."
    if field.name in AMOUNTS:
        found += " A plain amount with at most four decimals; best as a text."
    return found


def _out(field: Field) -> Schema:
    if field.name in LISTS:
        return {**list_of(TEXT), "description": field.label}
    if field.name in WHOLE:
        return {"type": ["integer", "null"], "description": field.label}
    if field.name in (*DAYS, *AMOUNTS):
        return {"type": ["string", "null"], "description": field.label}
    closed = field.name in ("status", "state")
    return {**TEXT, "description": field.label, **({"enum": list(field.values)} if closed else {})}


def _page(name: str) -> Schema:
    cursor = {"type": ["string", "null"], "description": "Send it as “after” to read on; null at the end."}
    return whole({"items": list_of(ref(name)), "next": cursor})


def _outcome(keys: tuple[str, ...]) -> Schema:
    return whole({"outcome": _one_of(OUTCOMES[:3]), **dict.fromkeys(keys, TEXT)})


def _outcomes(keys: tuple[str, ...]) -> Schema:
    number = {**NUMBER, "description": "The place in the list, from 1."}
    one = {"item": number, "outcome": _one_of(OUTCOMES), **dict.fromkeys(keys, TEXT)}
    results = list_of(whole({**one, "errors": list_of(ref("Refusal"))}, "errors"))
    return whole({**dict.fromkeys(OUTCOMES, NUMBER), "results": results})


def _refusal() -> Schema:
    return whole(
        {
            "field": {**TEXT, "description": "The field; empty for the whole item."},
            "detail": {**TEXT, "description": "The reason and what to do, in sentences for people."},
        }
    )


def _problem() -> Schema:
    properties = {
        "type": {**TEXT, "description": "What to tell problems apart by."},
        "title": TEXT,
        "status": NUMBER,
        "detail": TEXT,
        "errors": list_of(ref("Refusal")),
        "right": {**TEXT, "description": "The right that the owner of the key lacks."},
        "reference": {**TEXT, "description": "Names a fault of ours in the operator’s log."},
    }
    return {"type": "object", "properties": properties, "required": ["type", "title", "status", "detail"]}


def _event() -> Schema:
    names = ", ".join(sorted({value for event in events().values() for value in event.values}))
    value: Schema = {"type": ["string", "integer", "number", "null"]}
    found = whole(
        {
            "change": {
                "type": ["string", "integer"],
                "description": "What makes it this change, in any words.",
            },
            "affiliates": {
                **list_of({"type": ["string", "integer"]}, minItems=1, maxItems=MOST_ITEMS),
                "description": "Affiliate IDs. Left out: everybody who is approved on the offer.",
            },
            "offer": {
                "type": ["string", "integer"],
                "description": "The CID, where the event is about an offer.",
            },
            "values": {
                "type": "object",
                "description": f"The event’s own values, as its template names them: {names}.",
                "additionalProperties": value,
            },
        },
        "affiliates",
        "offer",
        "values",
    )
    return found


def _told() -> Schema:
    mail = whole({"affiliate_id": TEXT, "id": NUMBER, "state": _one_of([each.value for each in State])})
    return whole(
        {
            "event": TEXT,
            "queued": NUMBER,
            "suppressed": NUMBER,
            "held": TEXT,
            "mails": list_of(mail),
            "not_active": list_of(TEXT),
        }
    )


def _mail() -> Schema:
    event = whole({"kind": TEXT, "severity": TEXT, "status": TEXT, "at": MOMENT})
    texts = dict.fromkeys(("affiliate_id", "reason", "code", "detail", "message_id"), TEXT)
    state = _one_of([each.value for each in State])
    numbers = {"id": NUMBER, "attempts": NUMBER}
    return whole(
        {
            **numbers,
            **texts,
            "state": state,
            "created_at": MOMENT,
            "changed_at": MOMENT,
            "events": list_of(event),
        }
    )


def _one_of(values: Any) -> Schema:
    return {**TEXT, "enum": list(values)}
