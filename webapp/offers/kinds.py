"""The lists of offers and of assignments as files: their columns, and who may import them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.errors import NotAllowed
from webapp.imports.kinds import Columns, Kind
from webapp.imports.plan import Importer
from webapp.offers.access import ALL, EDITS, OWN
from webapp.offers.assignment_plan import AssignmentPlanner
from webapp.offers.models import Assignment, Offer
from webapp.offers.plan import OfferPlanner

_LABELS = {
    "cid": "CID",
    "name": "Name",
    "title": "Public title",
    "description": "Description",
    "payout": "Payout",
    "currency": "Currency",
    "type": "Type",
    "category": "Category",
    "status": "Status",
    "start_date": "Starts",
    "end_date": "Ends",
    "tracking_url": "Tracking URL",
    "special_instructions": "Special instructions",
    "from_lines": "From lines",
    "subject_lines": "Subject lines",
    "suppression_list_url": "Suppression list",
    "logo_url": "Logo",
    "daily_cap": "Daily cap",
    "monthly_cap": "Monthly cap",
    "total_cap": "Total cap",
    "manager_email": "Manager’s address",
}
_ALIASES = {
    "cid": "id offerid campaignid offernumber campaignno",
    "name": "offername campaignname campaign offer",
    "title": "offertitle publicname displayname",
    "description": "offerdescription",
    "payout": "offerpayout rate commission price",
    "currency": "currencycode payoutcurrency",
    "type": "offertype campaigntype payouttype model",
    "category": "categories vertical offercategory",
    "status": "offerstatus campaignstatus state",
    "start_date": "startson begins launchdate",
    "end_date": "endson expires expirationdate expirydate offerenddate",
    "tracking_url": "trackinglink url link destinationurl",
    "special_instructions": "instructions restrictions offerspecialinstructions",
    "from_lines": "offerfromlines",
    "subject_lines": "offersubjectlines",
    "suppression_list_url": "suppressionlist offersuppressionlisturl suppressionurl",
    "logo_url": "logo offerlogo",
    "manager_email": "manager campaignmanager offermanager",
}
_ASSIGNMENT_LABELS = {
    "affiliate_id": "Affiliate ID",
    "cid": "CID",
    "state": "State",
    "payout": "Own payout",
    "tracking_url": "Own tracking URL",
    "cap": "Own cap",
}
_ASSIGNMENT_ALIASES = {
    "affiliate_id": "affid affiliate affiliatenumber partnerid publisherid",
    "cid": "offerid campaignid offer campaign",
    "state": "status",
    "payout": "rate ownpayout commission",
    "tracking_url": "trackinglink link url owntrackingurl",
    "cap": "owncap monthlycap",
}


def importer_of(user: User) -> Importer:
    """What a user may do by a file: no more than by hand."""
    if not user.may("import_and_export"):
        raise NotAllowed("import_and_export")
    if not any(user.may(right) for right in EDITS):
        raise NotAllowed(OWN)
    return Importer(own=None if user.may(ALL) else user.id)


def _offers(session: Session, importer: Importer) -> int:
    query = select(func.count(Offer.id))
    return (
        session.scalar(query if importer.own is None else query.where(Offer.manager_id == importer.own)) or 0
    )


def _assignments(session: Session, importer: Importer) -> int:
    query = select(func.count()).select_from(Assignment)
    if importer.own is not None:
        query = query.join(Offer, Offer.id == Assignment.offer_id).where(Offer.manager_id == importer.own)
    return session.scalar(query) or 0


OFFERS = Kind(
    slug="offers",
    one="offer",
    many="offers",
    matching="By CID.",
    columns=Columns(_LABELS, _ALIASES, {"cid": "holds the CID"}),
    sample=(("Name", ("name",)), ("CID", ("cid",)), ("Payout", ("payout", "currency")), ("Type", ("type",))),
    importer=importer_of,
    planner=OfferPlanner,
    stored=_offers,
    here="offers.index",
)
ASSIGNMENTS = Kind(
    slug="assignments",
    one="assignment",
    many="assignments",
    matching="By affiliate ID and CID together; both must be here already.",
    columns=Columns(
        _ASSIGNMENT_LABELS,
        _ASSIGNMENT_ALIASES,
        {"affiliate_id": "holds the affiliate ID", "cid": "holds the CID"},
    ),
    sample=(
        ("Affiliate", ("affiliate_id",)),
        ("CID", ("cid",)),
        ("State", ("state",)),
        ("Own payout", ("payout",)),
    ),
    importer=importer_of,
    planner=AssignmentPlanner,
    stored=_assignments,
    here="offers.index",
)
