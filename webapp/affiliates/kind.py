"""The list of affiliates as a file: its columns, who may import it, and how its rows find their affiliate."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.access import sees_details
from webapp.affiliates.models import Affiliate
from webapp.affiliates.plan import AffiliatePlanner
from webapp.errors import NotAllowed
from webapp.imports.kinds import Columns, Kind
from webapp.imports.plan import Importer

_LABELS = {
    "affiliate_id": "Affiliate ID",
    "email": "E-mail address",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "group": "Group",
    "manager_email": "Manager’s address",
    "status": "Status",
    "alt_id": "Alternative ID",
    "additional_data1": "Additional data 1",
    "additional_data2": "Additional data 2",
    "tags": "Tags",
    "country": "Country",
    "language": "Language",
    "user_name": "User name",
    "tax_form_on": "Tax form of",
}
_ALIASES = {
    "affiliate_id": "affid id affiliateno affiliatenumber partnerid publisherid",
    "email": "emailaddress mail mailaddress contactemail",
    "first_name": "firstname givenname forename",
    "last_name": "surname familyname",
    "company": "companyname affiliatename organisation organization business",
    "group": "groups groupname affiliategroup",
    "manager_email": "manager accountmanager accountmanageremail affiliatemanager affiliatemanageremail managermail",
    "status": "affiliatestatus state",
    "alt_id": "alternativeid alternateid externalid",
    "additional_data1": "additionaldata",
    "tags": "tag labels",
    "country": "countrycode",
    "language": "lang locale",
    "user_name": "login loginname",
    "tax_form_on": "taxdocdate taxform taxformdate w9date",
}


def importer_of(user: User) -> Importer:
    """What a user may do by a file: no more than by hand. A file shows addresses and additional data."""
    for right, held in (
        ("import_and_export", user.may("import_and_export")),
        ("view_affiliate_details", sees_details(user)),
    ):
        if not held:
            raise NotAllowed(right)
    return Importer(
        own=None if user.may("edit_all") else user.id,
        may_add=user.may("create_affiliates"),
        may_change=user.may("edit_all") or user.may("edit_assigned"),
    )


def _stored(session: Session, importer: Importer) -> int:
    query = select(func.count(Affiliate.id))
    if importer.own is not None:
        query = query.where(Affiliate.manager_id == importer.own)
    return session.scalar(query) or 0


KIND = Kind(
    slug="affiliates",
    one="affiliate",
    many="affiliates",
    matching="By affiliate ID. Without one, by e-mail address, if the affiliate we have has no ID either.",
    columns=Columns(_LABELS, _ALIASES, {"email": "holds the e-mail address"}),
    sample=(
        ("Address", ("email",)),
        ("Name", ("first_name", "last_name")),
        ("Company", ("company",)),
        ("Number", ("affiliate_id",)),
    ),
    importer=importer_of,
    planner=AffiliatePlanner,
    stored=_stored,
    here="affiliates.index",
)
