"""The JSON that the model product's Affiliate Listing API answers, taken apart into lists that an import knows.

Each affiliate carries his campaigns: AffiliateId, AffiliateName, Email, … Campaigns[CampaignId, CampaignName, …]. Out of that
come affiliates, offers and assignments, each written as a CSV file of its own, so that all three go the usual way.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import ijson
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.imports.cells import guarded
from webapp.imports.cleaning import Refusal, day
from webapp.imports.kinds import Part
from webapp.offers.details import OFFER

_AFFILIATES = (
    "affiliate_id email first_name last_name company group manager_email status alt_id country tax_form_on"
)
HEADS = {
    "affiliates": _AFFILIATES.split(),
    "offers": ["cid", "name", "type", "category", "status", "end_date", "manager_email"],
    "assignments": ["affiliate_id", "cid", "state"],
}
_NET_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_NO_DATES = ("0001", "1753", "1900", "9999")  # how databases say “never”


def split(session: Session, source: Path, folder: Path) -> list[Part]:
    """Write the three lists into `folder`; raises `Invalid` for `file` when the JSON is broken or holds no affiliates."""
    users = session.scalars(select(User)).all()
    reader = _Reader(
        {user.email: user.email for user in users} | {user.name.lower(): user.email for user in users}
    )
    with ExitStack() as files:
        writers = {}
        for slug, head in HEADS.items():
            path = folder / f"{slug}.csv"
            file = files.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[slug] = csv.writer(file)
            writers[slug].writerow(head)
        with source.open("rb") as told:
            for affiliate in _affiliates(told):
                for slug, row in reader.rows(affiliate):
                    writers[slug].writerow([guarded(cell) for cell in row])
    if not reader.count:
        raise Invalid({"file": "The JSON holds no affiliates. Each needs an AffiliateId."})
    return [Part(slug, folder / f"{slug}.csv", reader.leaves_out(slug)) for slug in HEADS]


def is_listing(path: Path) -> bool:
    """Whether a file begins as JSON does."""
    try:
        with path.open("rb") as file:
            return file.read(200).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")
    except OSError:
        return False


class _Reader:
    """Remembers which campaigns it has met, whose manager is no user here, and whether there is any tax form."""

    def __init__(self, managers: Mapping[str, str]) -> None:
        self._managers = managers
        self._met: set[str] = set()
        self._strangers: set[str] = set()
        self._taxed = False
        self.count = 0

    def rows(self, affiliate: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
        number = _text(affiliate, "AffiliateId")
        if not number:
            return
        self.count += 1
        manager = self._manager("affiliates", affiliate.get("PrimaryManager"))
        tax_form = _day(_text(affiliate, "TaxDocDate"))
        self._taxed = self._taxed or bool(tax_form)
        yield (
            "affiliates",
            [
                number,
                _text(affiliate, "Email"),
                _text(affiliate, "FirstName"),
                _text(affiliate, "LastName"),
                _text(affiliate, "AffiliateName"),
                next(_names(affiliate.get("Groups")), ""),
                manager,
                "paused" if str(affiliate.get("IsSuspended")).lower() in ("true", "1") else "active",
                _text(affiliate, "AltId"),
                _text(affiliate, "Country"),
                tax_form,
            ],
        )
        for campaign in affiliate.get("Campaigns") or ():
            cid = _text(campaign, "CampaignId")
            if cid and cid not in self._met:
                self._met.add(cid)
                yield "offers", self._offer(cid, campaign)
            if cid:
                yield "assignments", [number, cid, "approved"]

    def _offer(self, cid: str, campaign: Mapping[str, Any]) -> list[str]:
        managers = campaign.get("CampaignManagers")
        return [
            cid,
            _text(campaign, "CampaignName") or f"Campaign {cid}",
            _text(campaign, "CampaignType"),
            _text(campaign, "Category"),
            _status(_text(campaign, "CampaignStatus")),
            _day(_text(campaign, "ExpirationDate")),
            self._manager("offers", managers[0] if isinstance(managers, list) and managers else managers),
        ]

    def leaves_out(self, slug: str) -> tuple[str, ...]:
        """Columns that must not be taken in: with managers who are strangers here, or without any tax form, an import would
        empty what is set."""
        managers = ("manager_email",) if slug in self._strangers else ()
        return managers if slug != "affiliates" or self._taxed else (*managers, "tax_form_on")

    def _manager(self, slug: str, told: Any) -> str:
        said = _said(told, "Email", "EmailAddress") or next(_names(told), "")
        if not said and isinstance(told, Mapping):
            said = f"{_text(told, 'FirstName')} {_text(told, 'LastName')}".strip()
        found = self._managers.get(said.lower(), "")
        if said and not found:
            self._strangers.add(slug)
        return found


def _affiliates(file: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    """One affiliate after the other, in constant memory, whether the list stands alone or inside an object."""
    try:
        prefix = _where(file)
        if prefix is None:
            return
        file.seek(0)
        for each in ijson.items(file, prefix, use_float=True):
            if isinstance(each, dict):
                yield each
    except (ijson.JSONError, UnicodeDecodeError) as error:
        words = f"The JSON can’t be read: {str(error).splitlines()[0][:200]}. Fetch the list again."
        raise Invalid({"file": words}) from error


def _where(file: IO[bytes]) -> str | None:
    """The path of the objects that hold an AffiliateId."""
    for prefix, event, value in ijson.parse(file, use_float=True):
        if event == "map_key" and value == "AffiliateId":
            return str(prefix)
    return None


def _text(things: Mapping[str, Any], name: str) -> str:
    value = things.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def _said(told: Any, *names: str) -> str:
    return (
        next((text for name in names if (text := _text(told, name))), "") if isinstance(told, Mapping) else ""
    )


def _names(told: Any) -> Iterator[str]:
    """The names in a text, an object with a name, or a list of either."""
    if isinstance(told, str) and told.strip():
        yield told.strip()
    elif isinstance(told, Mapping):
        name = _said(told, "Name", "GroupName", "ManagerName")
        yield from [name] if name else []
    elif isinstance(told, Iterable):
        for one in told:
            yield from _names(one)


def _status(told: str) -> str:
    try:
        return OFFER["status"](told)
    except Refusal:
        return "active"  # affiliates run it, whatever the platform calls that


def _day(told: str) -> str:
    if found := _NET_DATE.fullmatch(told):
        told = datetime.fromtimestamp(int(found[1]) / 1000, UTC).date().isoformat()
    try:
        known = day(told, what="end")
    except Refusal:
        return ""
    return "" if known.startswith(_NO_DATES) else known
