"""What the rows of a list of affiliates do: each is matched with a stored affiliate, and the batch is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row as DbRow
from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import ports
from webapp.affiliates.details import tidy
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.db import utcnow
from webapp.imports.plan import Batch, Before, Planner, Values, cells_of, compare
from webapp.imports.reading import Row
from webapp.mail.models import Suppression

MOST_NEW_GROUPS = 1_000
STORED = (
    "affiliate_id",
    "email",
    "first_name",
    "last_name",
    "company",
    "status",
    "alt_id",
    "additional_data1",
    "additional_data2",
    "tags",
    "country",
    "language",
    "user_name",
    "tax_form_on",
)
_COLUMNS = [getattr(Affiliate, name) for name in ("id", "address", "group_id", "manager_id", *STORED)]
_TABLE: Any = Affiliate.__table__


@dataclass(frozen=True)
class Known:
    """The groups and managers that rows may name."""

    groups: dict[str, int]
    managers: dict[str, int]
    group_names: dict[int, str]
    manager_emails: dict[int, str]

    @classmethod
    def read(cls, session: Session) -> "Known":
        groups = session.execute(select(AffiliateGroup.id, AffiliateGroup.name)).all()
        users = session.execute(select(User.id, User.email)).all()
        return cls(
            {row.name.casefold(): row.id for row in groups},
            {row.email: row.id for row in users},
            {row.id: row.name for row in groups},
            {row.id: row.email for row in users},
        )


class AffiliatePlanner(Planner):
    """`own` importers touch and add only affiliates that they manage."""

    def refresh(self, session: Session) -> None:
        self.known = Known.read(session)
        self.new_groups: set[str] = set()

    def tidy(self, raw: Values) -> tuple[Values, dict[str, str]]:
        values, problems = tidy(raw)
        if self.importer.own is not None and not values.get("manager_email"):
            values["manager_email"] = self.known.manager_emails[self.importer.own]
        return values, problems | self._unknown(values)

    def _unknown(self, values: Values) -> dict[str, str]:
        problems = {}
        manager = values.get("manager_email")
        if manager and manager not in self.known.managers:
            words = "No user has this address. Invite the user first, or leave it empty."
            problems["manager_email"] = words
        elif manager and self.importer.own not in (None, self.known.managers[manager]):
            problems["manager_email"] = (
                "You may only import affiliates that you manage. Put your own address here."
            )
        group = values.get("group", "").casefold()
        if group and group not in self.known.groups and group not in self.new_groups:
            if len(self.new_groups) >= MOST_NEW_GROUPS:
                words = f"The file makes more than {MOST_NEW_GROUPS:,} new groups. Does this column hold the group?"
                problems["group"] = words
            self.new_groups.add(group)
        return problems

    def doubled(self, line: int, values: Values) -> dict[str, str]:
        number, address = values.get("affiliate_id", ""), values["email"].lower()
        if number:
            if first := self.seen.first("number", number, line):
                return {
                    "affiliate_id": f"{self.importer.counted} {first} has the same affiliate ID. Keep one of the two."
                }
            if first := self.seen.line("alone", address):
                words = f"{self.importer.counted} {first} has the same address, without an affiliate ID."
                return {"email": f"{words} Keep one of the two."}
            self.seen.first("address", address, line)
            return {}
        if first := self.seen.line("address", address) or self.seen.first("alone", address, line):
            return {
                "email": f"{self.importer.counted} {first} has the same address. Give each its affiliate ID, or keep one."
            }
        return {}

    def place(self, session: Session, rows: Sequence[tuple[Row, Values]], batch: Batch) -> None:
        stored = _Stored(session, [values for _, values in rows])
        for row, values in rows:
            match, problems = stored.match(values)
            problems = problems or self._not_allowed(match)
            if problems:
                batch.refused_stored += match is not None
                batch.refuse(row.line, problems, values)
            elif match is None:
                batch.add(row.line, values)
            else:
                self._compare(row, values, match, batch)

    def _not_allowed(self, match: "DbRow[Any] | None") -> dict[str, str]:
        own = self.importer.own
        if match is None:
            return {} if self.importer.may_add else {"affiliate_id": _NO_ADDING}
        if not self.importer.may_change or (own is not None and match.manager_id != own):
            return {"affiliate_id": _NOT_YOURS}
        return {}

    def _compare(self, row: Row, values: Values, match: "DbRow[Any]", batch: Batch) -> None:
        name = match.company or f"{match.first_name} {match.last_name}".strip() or match.email
        before = Before(match.id, name, match.affiliate_id or "", self._before(match, values))
        differing = compare(row, values, before, batch)
        if "email" in differing and match.address != values["email"].lower():
            batch.old_addresses.append(match.address)

    def _before(self, match: "DbRow[Any]", values: dict[str, str]) -> dict[str, str]:
        before = {name: getattr(match, name) or "" for name in STORED}
        before["group"] = self.known.group_names.get(match.group_id, "")
        before["manager_email"] = self.known.manager_emails.get(match.manager_id, "")
        if before["group"].casefold() == values.get("group", "").casefold():
            before["group"] = values.get("group", "")  # a group is the same in small and in capital letters
        return before

    def count_refused(self, session: Session, rows: Sequence[Row], lines: set[int]) -> int:
        column = self.mapping.get("affiliate_id")
        if column is None:
            return 0
        numbers = {number for number in cells_of(rows, lines, column) if not self.seen.line("number", number)}
        return session.scalar(select(func.count()).where(Affiliate.affiliate_id.in_(numbers))) or 0

    def remarks(self, session: Session, batch: Batch) -> dict[str, int]:
        suppressed = 0
        if batch.old_addresses:
            query = select(func.count(Suppression.address.distinct()))
            suppressed = session.scalar(query.where(Suppression.address.in_(batch.old_addresses))) or 0
        return {"new_addresses": len(batch.old_addresses), "suppressed_addresses": suppressed}

    def write(self, session: Session, batch: Batch) -> None:
        self._make_groups(session, batch)
        if batch.added:
            session.execute(insert(_TABLE), [self._columns(values) for values in batch.added])
        if batch.changed:
            changed = [{"key": key, **self._columns(values)} for key, values in batch.changed]
            names = [name for name in changed[0] if name != "key"]
            statement = update(_TABLE).where(_TABLE.c.id == bindparam("key"))
            values: dict[str, Any] = {name: bindparam(name) for name in names}
            session.connection().execute(statement.values(**values, changed_at=utcnow()), changed)
            ports.changed(session, [key for key, _ in batch.changed])

    def _columns(self, values: Values) -> dict[str, Any]:
        """The values of a row as columns of the table."""
        columns: dict[str, Any] = {**values, "address": values["email"].lower()}
        if "affiliate_id" in columns:
            columns["affiliate_id"] = columns["affiliate_id"] or None
        if "group" in columns:
            columns["group_id"] = self.known.groups.get(columns.pop("group").casefold())
        if "manager_email" in columns:
            columns["manager_id"] = self.known.managers.get(columns.pop("manager_email"))
        return columns

    def _make_groups(self, session: Session, batch: Batch) -> None:
        every = [*batch.added, *(values for _, values in batch.changed)]
        wanted = {name.casefold(): name for values in every if (name := values.get("group"))}
        for folded, name in wanted.items():
            if folded in self.known.groups:
                continue
            group = AffiliateGroup(name=name)
            session.add(group)
            session.flush()
            self.known.groups[folded], self.known.group_names[group.id] = group.id, name


class _Stored:
    """The stored affiliates that a batch may be about, found by affiliate ID and by address."""

    def __init__(self, session: Session, rows: Sequence[dict[str, str]]) -> None:
        numbers = [values["affiliate_id"] for values in rows if values.get("affiliate_id")]
        addresses = [values["email"].lower() for values in rows]
        query = select(*_COLUMNS).where(
            or_(Affiliate.affiliate_id.in_(numbers), Affiliate.address.in_(addresses))
        )
        found = session.connection().execute(query).all()
        self._by_number = {row.affiliate_id: row for row in found if row.affiliate_id}
        self._alone = {row.address: row for row in found if not row.affiliate_id}
        self._holders = {row.address: row for row in found if row.affiliate_id}

    def match(self, values: dict[str, str]) -> "tuple[DbRow[Any] | None, dict[str, str]]":
        """The stored affiliate that a row is about, or None for a new one; and why it can't be either."""
        number, address = values.get("affiliate_id", ""), values["email"].lower()
        alone, by_number = self._alone.get(address), self._by_number.get(number)
        if by_number is not None and alone is not None:
            return by_number, {
                "email": "Another affiliate, without an affiliate ID, has this address. Close that one."
            }
        if by_number is not None or alone is not None:
            return by_number or alone, {}
        if not number and (holder := self._holders.get(address)):
            words = f"Affiliate {holder.affiliate_id} has this address. Give the row that affiliate ID to change it."
            return holder, {"email": words}
        return None, {}


_NO_ADDING = "No affiliate has this ID or address, and adding one needs the right “create affiliates”."
_NOT_YOURS = "You may not change this affiliate. Ask somebody with the right “edit all” to do it."
