"""What stands about the affiliate's own page on the page that colleagues see of him, which lies below this feature."""

from flask import render_template
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import access, ports, tax_forms
from webapp.affiliates.forms import PressForm
from webapp.affiliates.models import Affiliate
from webapp.feedback import preferences
from webapp.mail import consents
from webapp.portal.models import PortalSession
from webapp.settings import store

LATEST = 20


def panel(session: Session, user: User, affiliate: Affiliate) -> str:
    """Buttons and when he was last there; "" for somebody who sees no details."""
    if not access.sees_details(user):
        return ""
    seen = select(func.max(PortalSession.seen_at)).where(PortalSession.affiliate_id == affiliate.id)
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "portal/panel.html",
            affiliate=affiliate,
            open=store.identity(session).portal_open,
            seen=session.scalar(seen),
            may_edit=access.may_edit(user, affiliate),
            press=PressForm(),
            choice=preferences.chosen(session, affiliate.address),
            consents=consents.of_address(session, affiliate.address, LATEST),
            ways=consents.WAYS,
            tax_form=tax_forms.of(session, affiliate),
            asked=store.identity(session).tax_form != "off",
        )
    )


ports.plug_panel(panel)
