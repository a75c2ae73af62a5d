"""Adds and changes affiliates by hand. Nothing here mails anybody but `welcome`."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import ports
from webapp.affiliates.access import named
from webapp.affiliates.details import STATUSES, clean
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.announce import Happening, announce
from webapp.errors import Invalid

PLAIN = (
    "first_name",
    "last_name",
    "company",
    "user_name",
    "status",
    "alt_id",
    "additional_data1",
    "additional_data2",
    "tags",
    "country",
    "language",
    "tax_form_on",
)


def add(session: Session, user: User, values: Mapping[str, str]) -> Affiliate:
    """Add an affiliate. Who may not edit all becomes its manager, or could never open it again."""
    cleaned = _checked(session, user, values, None)
    affiliate = Affiliate(email=cleaned["email"], address=cleaned["email"].lower())
    if not user.may("edit_all"):
        affiliate.manager_id = user.id
    _apply(session, user, affiliate, cleaned)
    session.add(affiliate)
    session.flush()
    audit.record(session, user, "add affiliate", affiliate.name, affiliate=affiliate.id)
    return affiliate


def welcome(session: Session, affiliate: Affiliate) -> None:
    """Mail somebody who was added by hand what an approved applicant gets; once, and only while he is active."""
    announce(session, Happening("application_approved", f"added {affiliate.id}", [affiliate.id]))


def edit(session: Session, user: User, affiliate: Affiliate, values: Mapping[str, str]) -> None:
    """Change an affiliate; fields that aren't given stay."""
    cleaned = _checked(session, user, values, affiliate)
    _apply(session, user, affiliate, cleaned)
    session.flush()
    ports.changed(session, [affiliate.id])
    audit.record(session, user, "change affiliate", affiliate.name, affiliate=affiliate.id)


def set_status(session: Session, user: User, affiliate: Affiliate, status: str) -> None:
    """Only active affiliates are mailed."""
    affiliate.status = clean({"status": status})["status"]
    session.flush()
    ports.changed(session, [affiliate.id])
    audit.record(session, user, f"set affiliate {affiliate.status}", affiliate.name, affiliate=affiliate.id)


def _checked(
    session: Session, user: User, values: Mapping[str, str], affiliate: Affiliate | None
) -> dict[str, str]:
    cleaned = clean(values)
    number = cleaned.get("affiliate_id", (affiliate and affiliate.affiliate_id) or "")
    address = cleaned.get("email", affiliate.email if affiliate else "").lower()
    others = Affiliate.id != affiliate.id if affiliate else Affiliate.id.is_not(None)
    if number and (other := _first(session, others, Affiliate.affiliate_id == number)):
        words = f"{named(other, user)} has the affiliate ID {number}. Give each affiliate its own."
        raise Invalid({"affiliate_id": words})
    same = session.scalars(select(Affiliate).where(others, Affiliate.address == address).limit(10)).all()
    if same and not number:
        words = (
            f"{named(same[0], user)} has this address. To have it twice, give each of them an affiliate ID."
        )
        raise Invalid({"email": words})
    if alone := next((other for other in same if not other.affiliate_id), None):
        words = f"{named(alone, user)} has this address and no affiliate ID. Change that affiliate, or give it an ID first."
        raise Invalid({"email": words})
    return cleaned


def _apply(session: Session, user: User, affiliate: Affiliate, cleaned: dict[str, str]) -> None:
    for name in PLAIN:
        if name in cleaned:
            setattr(affiliate, name, cleaned[name])
    if "affiliate_id" in cleaned:
        affiliate.affiliate_id = cleaned["affiliate_id"] or None
    if "email" in cleaned:
        affiliate.email, affiliate.address = cleaned["email"], cleaned["email"].lower()
    if "group" in cleaned:
        affiliate.group = _group(session, cleaned["group"])
    if "manager_email" in cleaned and user.may("edit_all"):
        affiliate.manager = _manager(session, cleaned["manager_email"])


def _group(session: Session, name: str) -> AffiliateGroup | None:
    group = session.scalar(select(AffiliateGroup).where(AffiliateGroup.name == name)) if name else None
    if name and group is None:
        raise Invalid(
            {"group": f"There is no group “{name}”. Choose another, or make it under Groups first."}
        )
    return group


def _manager(session: Session, email: str) -> User | None:
    manager = session.scalar(select(User).where(User.email == email)) if email else None
    if email and manager is None:
        raise Invalid(
            {"manager_email": f"No user has the address {email}. Choose another, or invite the user first."}
        )
    return manager


def _first(session: Session, *conditions: ColumnElement[bool]) -> Affiliate | None:
    return session.scalar(select(Affiliate).where(*conditions).limit(1))


__all__ = ["STATUSES", "add", "edit", "set_status"]
