"""Imports every model, so that the metadata is whole: for migrations, and for the house test that compares the two."""

from webapp.accounts import models as accounts
from webapp.affiliates import models as affiliates
from webapp.affiliates import tax_models
from webapp.announcing import models as announcing
from webapp.api import models as api
from webapp.applications import models as applications
from webapp.broadcasts import models as broadcasts
from webapp.db import Base
from webapp.digests import models as digests
from webapp.domains import models as domains
from webapp.feedback import models as feedback
from webapp.feedback.mailbox import models as mailbox
from webapp.guards import models as guards
from webapp.imports import models as imports
from webapp.mail import clicks
from webapp.mail import consents as mail_consents
from webapp.mail import events as mail_events
from webapp.mail import models as mail
from webapp.mail_templates import models as mail_templates
from webapp.notices import models as notices
from webapp.offers import models as offers
from webapp.portal import models as portal
from webapp.replies import models as replies
from webapp.reports import models as reports
from webapp.segments import models as segments
from webapp.setbacks import models as setbacks
from webapp.settings import models as settings
from webapp.timeline import models as timeline
from webapp.tracking import models as tracking
from webapp.webhooks import models as webhooks

__all__ = [
    "Base",
    "accounts",
    "affiliates",
    "announcing",
    "api",
    "applications",
    "broadcasts",
    "clicks",
    "digests",
    "domains",
    "feedback",
    "guards",
    "imports",
    "mail",
    "mail_consents",
    "mail_events",
    "mail_templates",
    "mailbox",
    "notices",
    "offers",
    "portal",
    "replies",
    "reports",
    "segments",
    "setbacks",
    "settings",
    "tax_models",
    "timeline",
    "tracking",
    "webhooks",
]
