"""Decides what each row of a file would do, a batch at a time: add, change, leave alone, or stay out and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row as DbRow
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.cells import unguarded
from webapp.affiliates.details import tidy
from webapp.affiliates.mapping import Mapped
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.affiliates.reading import Row
from webapp.affiliates.seen import Seen

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
)
_COLUMNS = [getattr(Affiliate, name) for name in ("id", "address", "group_id", "manager_id", *STORED)]


@dataclass(frozen=True)
class Importer:
    """Who imports, as far as rights go. `own` is the id of a user who may only touch the affiliates he manages."""

    own: int | None = None
    may_add: bool = True
    may_change: bool = True


@dataclass(frozen=True)
class Refused:
    """Why a row stays out: the field, what the file says there, the sentence."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One field of one affiliate, before and after."""

    line: int
    affiliate: str
    affiliate_id: str
    field: str
    before: str
    after: str


@dataclass
class Batch:
    """What a batch of rows comes to. `added` and `changed` are values by field, as `details` cleaned them."""

    rows: int = 0
    added: list[dict[str, str]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_rows: int = 0
    refused_stored: int = 0  # of these, how many are affiliates that we have
    old_addresses: list[str] = field(default_factory=list)


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


@dataclass
class Planner:
    """Remembers what earlier rows of the same file said; call `plan` with one batch after the other."""

    mapping: Mapped
    importer: Importer
    known: Known
    seen: Seen
    new_groups: set[str] = field(default_factory=set)

    def plan(self, session: Session, rows: Sequence[Row]) -> Batch:
        """Compare a batch with what is stored. Writes nothing."""
        batch = Batch(rows=len(rows))
        readable = [(row, values) for row in rows if (values := self.read(row, batch)) is not None]
        batch.refused_stored = self._count_stored(session, rows, {each.line for each in batch.refused})
        stored = _Stored(session, [values for _, values in readable])
        for row, values in readable:
            self._place(row, values, stored, batch)
        return batch

    def read(self, row: Row, batch: Batch) -> dict[str, str] | None:
        """The cleaned values of a row; None after noting in `batch` why it stays out."""
        if row.problem:
            _refuse(batch, [Refused(row.line, "", ", ".join(row.cells)[:100], row.problem)])
            return None
        raw = {name: unguarded(row.cells[number]) for name, number in self.mapping.items()}
        values, problems = tidy(raw)
        if self.importer.own is not None and not values.get("manager_email"):
            values["manager_email"] = self.known.manager_emails[self.importer.own]
        problems |= self._unknown(values)
        if not problems:
            problems = self._doubled(row.line, values)
        if problems:
            _refuse(
                batch,
                [Refused(row.line, name, raw.get(name, "")[:100], words) for name, words in problems.items()],
            )
            return None
        return values

    def _unknown(self, values: dict[str, str]) -> dict[str, str]:
        problems = {}
        manager = values.get("manager_email")
        if manager and manager not in self.known.managers:
            words = "No user has this address. Invite the user first, or leave the cell empty."
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

    def _doubled(self, line: int, values: dict[str, str]) -> dict[str, str]:
        number, address = values.get("affiliate_id", ""), values["email"].lower()
        if number:
            if first := self.seen.first("number", number, line):
                return {"affiliate_id": f"Line {first} has the same affiliate ID. Keep one of the two."}
            if first := self.seen.line("alone", address):
                return {
                    "email": f"Line {first} has the same address, without an affiliate ID. Keep one of the two."
                }
            self.seen.first("address", address, line)
            return {}
        if first := self.seen.line("address", address) or self.seen.first("alone", address, line):
            return {"email": f"Line {first} has the same address. Give each its affiliate ID, or keep one."}
        return {}

    def _place(self, row: Row, values: dict[str, str], stored: "_Stored", batch: Batch) -> None:
        match, problems = stored.match(values)
        problems = problems or self._not_allowed(match)
        if problems:
            batch.refused_stored += match is not None
            _refuse(
                batch,
                [Refused(row.line, name, values.get(name, "")[:100], why) for name, why in problems.items()],
            )
        elif match is None:
            batch.added.append(values)
        else:
            self._compare(row, values, match, batch)

    def _not_allowed(self, match: "DbRow[Any] | None") -> dict[str, str]:
        own = self.importer.own
        if match is None:
            return {} if self.importer.may_add else {"affiliate_id": _NO_ADDING}
        if not self.importer.may_change or (own is not None and match.manager_id != own):
            return {"affiliate_id": _NOT_YOURS}
        return {}

    def _compare(self, row: Row, values: dict[str, str], match: "DbRow[Any]", batch: Batch) -> None:
        before = self._before(match, values)
        differing = [name for name, value in values.items() if value != before[name]]
        if not differing:
            batch.same += 1
            return
        batch.changed.append((match.id, values))
        if "email" in differing and match.address != values["email"].lower():
            batch.old_addresses.append(match.address)
        name = match.company or f"{match.first_name} {match.last_name}".strip() or match.email
        for each in differing:
            batch.changes.append(
                Change(row.line, name, match.affiliate_id or "", each, before[each][:200], values[each][:200])
            )

    def _before(self, match: "DbRow[Any]", values: dict[str, str]) -> dict[str, str]:
        before = {name: getattr(match, name) or "" for name in STORED}
        before["group"] = self.known.group_names.get(match.group_id, "")
        before["manager_email"] = self.known.manager_emails.get(match.manager_id, "")
        if before["group"].casefold() == values.get("group", "").casefold():
            before["group"] = values.get("group", "")  # a group is the same in small and in capital letters
        return before

    def _count_stored(self, session: Session, rows: Sequence[Row], lines: set[int]) -> int:
        """How many of these rows, refused as they are, name an affiliate that we have: those aren't missing in the file."""
        column = self.mapping.get("affiliate_id")
        if column is None or not lines:
            return 0
        numbers = {
            unguarded(row.cells[column]).strip() for row in rows if row.line in lines and not row.problem
        }
        numbers = {number for number in numbers if number and not self.seen.line("number", number)}
        query = select(func.count()).where(Affiliate.affiliate_id.in_(numbers))
        return session.scalar(query) or 0


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
_NOT_YOURS = "You may not change this affiliate. Ask somebody with the right “edit all” to import the row."


def _refuse(batch: Batch, why: list[Refused]) -> None:
    batch.refused.extend(why)
    batch.refused_rows += 1
