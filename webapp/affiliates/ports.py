"""What affiliates needs from the offers and segments above it. The composition root and `offers` plug it in."""

from collections.abc import Collection
from typing import Protocol

from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid


class Panel(Protocol):
    def __call__(self, session: Session, user: User, affiliate: Affiliate) -> str:
        """A part of the affiliate's page, as safe HTML; "" when this user sees nothing of it."""


class OfferAudience(Protocol):
    """Conditions on `Affiliate` about an offer, for a query. Each raises `Invalid` for `audience` when no offer has the CID."""

    def on(self, session: Session, cid: str) -> ColumnElement[bool]:
        """The affiliate is approved on the offer."""

    def without(self, session: Session, cid: str) -> ColumnElement[bool]:
        """The affiliate neither runs the offer nor asked for it nor was refused."""


class _NoOffers:
    def on(self, session: Session, cid: str) -> ColumnElement[bool]:
        raise Invalid({"audience": f"There is no offer “{cid}”."})

    without = on


class SegmentAudience(Protocol):
    """Saved segments, by their number. Each raises `Invalid` for `audience` when there is none that this user may use."""

    def within(self, session: Session, number: str, user: User | None) -> ColumnElement[bool]:
        """A condition on `Affiliate`: he is in the segment, as `user` counts it; None is the operator."""

    def check(self, session: Session, number: str, user: User | None) -> None:
        """Refuse one that is not there or not for this user."""

    def name(self, session: Session, number: str) -> str:
        """Its name, for sentences; the number where it is gone."""

    def choices(self, session: Session, user: User) -> list[tuple[str, str]]:
        """Number and name of the segments that the user may use."""


class _NoSegments:
    def within(self, session: Session, number: str, user: User | None) -> ColumnElement[bool]:
        raise Invalid({"audience": f"There is no segment {number}."})

    def check(self, session: Session, number: str, user: User | None) -> None:
        raise Invalid({"audience": f"There is no segment {number}."})

    def name(self, session: Session, number: str) -> str:
        return number

    def choices(self, session: Session, user: User) -> list[tuple[str, str]]:
        return []


class Forgetting(Protocol):
    def __call__(self, session: Session, number: str, address: str) -> None:
        """Take a person out of what a feature above keeps, found by affiliate ID (or "") and address."""


class SigningOut(Protocol):
    def __call__(self, session: Session, affiliates: Collection[int]) -> None:
        """Called when these affiliates were changed: whose status or address is another now is signed out everywhere."""


def _nobody_is_signed_in(session: Session, affiliates: Collection[int]) -> None:
    del session, affiliates


_panels: list[Panel] = []
_forgetting: list[Forgetting] = []
_audience: OfferAudience = _NoOffers()
_signing_out: SigningOut = _nobody_is_signed_in
_segments: SegmentAudience = _NoSegments()


def plug_panel(panel: Panel) -> None:
    """Called when the app is built, once by each feature that shows something."""
    if panel not in _panels:
        _panels.append(panel)


def plug_audience(audience: OfferAudience) -> None:
    """Called once by the composition root. It keeps no state of its own: the session says which instance."""
    global _audience
    _audience = audience


def plug_segments(segments: SegmentAudience) -> None:
    """The same for saved segments."""
    global _segments
    _segments = segments


def plug_forgetting(*forgetting: Forgetting) -> None:
    """Called once by the composition root, with all of them."""
    _forgetting[:] = forgetting


def plug_signing_out(signing_out: SigningOut) -> None:
    """Called once by the composition root."""
    global _signing_out
    _signing_out = signing_out


def changed(session: Session, affiliates: Collection[int]) -> None:
    """Say which affiliates were changed, once the change is in the database."""
    _signing_out(session, affiliates)


def forget(session: Session, affiliate: Affiliate) -> None:
    """Take a person out of what features above keep."""
    for each in _forgetting:
        each(session, affiliate.affiliate_id or "", affiliate.address)


def panel(session: Session, user: User, affiliate: Affiliate) -> str:
    """What features above show on the affiliate's page."""
    return Markup("").join(Markup(each(session, user, affiliate)) for each in _panels)  # noqa: S704 - see Panel


def offers() -> OfferAudience:
    """Who is on which offer."""
    return _audience


def segments() -> SegmentAudience:
    """Who is in which saved segment."""
    return _segments
