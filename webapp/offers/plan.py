"""What the rows of a list of offers do: each is found by its CID."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.imports.cleaning import tidy
from webapp.imports.plan import Batch, Before, Planner, Values, cells_of, compare
from webapp.imports.reading import Row
from webapp.offers.details import OFFER, in_order
from webapp.offers.fields import stored_values, typed
from webapp.offers.models import Offer

_TABLE: Any = Offer.__table__
_NO_ADDING = "No offer has this CID, and adding one needs the right “edit own offers”."
_NOT_YOURS = "You may not change this offer. Ask somebody with the right “edit all offers” to do it."


class OfferPlanner(Planner):
    """`own` importers touch only the offers that they manage, and manage what they add."""

    def refresh(self, session: Session) -> None:
        users = session.execute(select(User.id, User.email)).all()
        self.managers = {row.email: row.id for row in users}
        self.emails = {row.id: row.email for row in users}

    def tidy(self, raw: Values) -> tuple[Values, dict[str, str]]:
        values, problems = tidy(raw, OFFER)
        own = self.importer.own
        if own is not None and "manager_email" in values:
            values["manager_email"] = values["manager_email"] or self.emails[own]
        manager = values.get("manager_email")
        if manager and manager not in self.managers:
            problems["manager_email"] = "No user has this address. Invite the user first, or leave it empty."
        elif manager and own not in (None, self.managers[manager]):
            problems["manager_email"] = "You may only import offers that you manage. Put your address here."
        return values, problems | in_order(values)

    def doubled(self, line: int, values: Values) -> dict[str, str]:
        if first := self.seen.first("cid", values["cid"], line):
            return {"cid": f"{self.importer.counted} {first} has the same CID. Keep one of the two."}
        return {}

    def place(self, session: Session, rows: Sequence[tuple[Row, Values]], batch: Batch) -> None:
        query = select(*_TABLE.c).where(_TABLE.c.cid.in_([values["cid"] for _, values in rows]))
        stored = {row.cid: row for row in session.connection().execute(query)}
        for row, values in rows:
            match = stored.get(values["cid"])
            problems = self._not_allowed(match) or self._whole(values, match)
            if problems:
                batch.refused_stored += match is not None
                batch.refuse(row.line, problems, values)
            elif match is None:
                batch.add(row.line, values)
            else:
                before = stored_values(match, self.emails.get(match.manager_id, ""))
                compare(row, values, Before(match.id, match.name, match.cid, before), batch)

    def count_refused(self, session: Session, rows: Sequence[Row], lines: set[int]) -> int:
        cids = cells_of(rows, lines, self.mapping["cid"])
        cids = {cid for cid in cids if not self.seen.line("cid", cid)}
        return session.scalar(select(func.count()).where(Offer.cid.in_(cids))) or 0

    def write(self, session: Session, batch: Batch) -> None:
        if batch.added:
            session.execute(insert(_TABLE), [self._new(values) for values in batch.added])
        if batch.changed:
            changed = [{"key": key, **self._columns(values)} for key, values in batch.changed]
            columns: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "key"}
            statement = update(_TABLE).where(_TABLE.c.id == bindparam("key"))
            session.connection().execute(statement.values(**columns, changed_at=utcnow()), changed)

    def _not_allowed(self, match: Any) -> dict[str, str]:
        own = self.importer.own
        if match is None:
            return {} if self.importer.may_add else {"cid": _NO_ADDING}
        if not self.importer.may_change or (own is not None and match.manager_id != own):
            return {"cid": _NOT_YOURS}
        return {}

    def _whole(self, values: Values, match: Any) -> dict[str, str]:
        """What only shows beside the stored offer: a new one without name, dates that cross."""
        if match is None:
            return {} if values.get("name") else {"name": "A new offer needs a name. Fill it in."}
        return in_order({**stored_values(match, ""), **values})

    def _new(self, values: Values) -> dict[str, Any]:
        return {"manager_id": self.importer.own, **self._columns(values)}

    def _columns(self, values: Values) -> dict[str, Any]:
        columns = typed(values)
        if "manager_email" in columns:
            columns["manager_id"] = self.managers.get(columns.pop("manager_email"))
        return columns
