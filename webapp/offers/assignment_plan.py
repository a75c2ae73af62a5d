"""What the rows of a list of assignments do: each names an affiliate by its ID and an offer by its CID."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.imports.cleaning import tidy
from webapp.imports.plan import Batch, Before, Planner, Values, compare
from webapp.imports.reading import Row
from webapp.offers.details import ASSIGNMENT
from webapp.offers.fields import as_text, typed
from webapp.offers.models import Assignment, Offer

_TABLE: Any = Assignment.__table__
_KEYS = ("affiliate_id", "cid")
_FIELDS = tuple(name for name in ASSIGNMENT if name not in _KEYS)
_NOT_YOURS = "You don’t manage this offer. Ask somebody with the right “edit all offers” to do it."


class AssignmentPlanner(Planner):
    """`own` importers touch only the assignments of offers that they manage."""

    def refresh(self, session: Session) -> None:
        """All CIDs are kept, since a network has hundreds of them; affiliates are looked up by batch."""
        rows = session.execute(select(Offer.id, Offer.cid, Offer.name, Offer.manager_id)).all()
        self.offers = {row.cid: row for row in rows}

    def tidy(self, raw: Values) -> tuple[Values, dict[str, str]]:
        values, problems = tidy(raw, ASSIGNMENT)
        if not values.get("affiliate_id", ""):
            problems.setdefault("affiliate_id", "No affiliate ID. An assignment is found by it; fill it in.")
        cid = values.get("cid")
        if cid and cid not in self.offers and self.importer.expects:
            return values, problems
        if cid and cid not in self.offers:
            problems["cid"] = "No offer has this CID. Bring the offer first, or correct the CID."
        elif cid and self.importer.own not in (None, self.offers[cid].manager_id):
            problems["cid"] = _NOT_YOURS
        return values, problems

    def doubled(self, line: int, values: Values) -> dict[str, str]:
        pair = f"{values['affiliate_id']}\x1f{values['cid']}"
        if first := self.seen.first("pair", pair, line):
            return {
                "cid": f"{self.importer.counted} {first} has the same affiliate and offer. Keep one of the two."
            }
        return {}

    def place(self, session: Session, rows: Sequence[tuple[Row, Values]], batch: Batch) -> None:
        numbers = {values["affiliate_id"] for _, values in rows}
        query = select(Affiliate.affiliate_id, Affiliate.id).where(Affiliate.affiliate_id.in_(numbers))
        people = dict(session.connection().execute(query).all())
        pairs = {
            (self.offers[values["cid"]].id, people[values["affiliate_id"]])
            for _, values in rows
            if values["affiliate_id"] in people and values["cid"] in self.offers
        }
        stored = _stored(session, pairs)
        for row, values in rows:
            person = people.get(values["affiliate_id"])
            if self.importer.expects and (person is None or values["cid"] not in self.offers):
                batch.add(row.line, values)
                continue
            if person is None:
                words = "No affiliate has this ID. Bring the affiliate first, or correct the ID."
                batch.refuse(row.line, {"affiliate_id": words}, values)
                continue
            self._sort(row, values, (self.offers[values["cid"]].id, person), stored, batch)

    def _sort(
        self, row: Row, values: Values, key: tuple[int, int], stored: dict[tuple[int, int], Any], batch: Batch
    ) -> None:
        match = stored.get(key)
        if match is None:
            values["_key"] = f"{key[0]} {key[1]}"
            batch.add(row.line, values)
            return
        own = {name: value for name, value in values.items() if name in _FIELDS}
        before = {name: as_text(getattr(match, name)) for name in _FIELDS}
        name = f"{values['affiliate_id']} on {self.offers[values['cid']].name}"
        compare(row, own, Before(key, name, values["cid"], before), batch)

    def write(self, session: Session, batch: Batch) -> None:
        now = utcnow()
        if batch.added:
            session.execute(insert(_TABLE), [_new(values) | {"changed_at": now} for values in batch.added])
        if batch.changed:
            changed = [{"offer": key[0], "person": key[1], **typed(own)} for key, own in batch.changed]
            columns: dict[str, Any] = {
                name: bindparam(name) for name in changed[0] if name not in ("offer", "person")
            }
            statement = update(_TABLE).where(
                _TABLE.c.offer_id == bindparam("offer"), _TABLE.c.affiliate_id == bindparam("person")
            )
            session.connection().execute(statement.values(**columns, changed_at=now), changed)


def _new(values: Values) -> dict[str, Any]:
    offer, person = values.pop("_key").split(" ")
    own = {name: value for name, value in values.items() if name in _FIELDS}
    return {"offer_id": int(offer), "affiliate_id": int(person), "state": "approved", **typed(own)}


def _stored(session: Session, pairs: set[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    if not pairs:
        return {}
    key = tuple_(_TABLE.c.offer_id, _TABLE.c.affiliate_id)
    found = session.connection().execute(select(*_TABLE.c).where(key.in_(pairs)))
    return {(row.offer_id, row.affiliate_id): row for row in found}
