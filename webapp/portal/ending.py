"""Ends sessions of affiliates for good: what is deleted does not come back when somebody is active again."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.portal.models import PortalSession


def end_estranged(session: Session, affiliates: Collection[int]) -> None:
    """Of these affiliates, end the sessions of those who are not active or have another address than they signed in with."""
    same = select(Affiliate.id).where(
        Affiliate.id == PortalSession.affiliate_id,
        Affiliate.status == MAILABLE,
        Affiliate.address == PortalSession.address,
    )
    estranged = delete(PortalSession).where(among(PortalSession.affiliate_id, affiliates), ~same.exists())
    session.execute(estranged.execution_options(synchronize_session=False))
