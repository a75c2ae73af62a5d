"""The system templates: what triggers each, which tokens it has, and the text that we ship. The one table of them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.mail.tokens import MESSAGE
from webapp.mail.tokens.catalogue import OFFER, OFFER_DIGEST
from webapp.mail_templates.texts import Text

DEFAULTS = Path(__file__).parent / "defaults"
AFFILIATES, STAFF = "To affiliates", "To your team"
OPERATIONAL, ANNOUNCEMENT = "operational", "announcement"


@dataclass(frozen=True)
class SystemTemplate:
    """`context` names the tokens it has (`webapp.mail.tokens`), `kind` the class of mail; `essential` can't be switched off."""

    slug: str
    name: str
    trigger: str
    context: str
    kind: str = OPERATIONAL
    group: str = AFFILIATES
    essential: bool = False

    @property
    def default(self) -> Text:
        """The text that we ship."""
        return _shipped(self.slug)


_TABLE = (
    SystemTemplate(
        "application_submitted", "Application Submitted", "Somebody applied", "application_submitted"
    ),
    SystemTemplate(
        "application_approved", "Application Approved", "An application is approved", "application_approved"
    ),
    SystemTemplate(
        "application_denied", "Application Denied", "An application is denied", "application_denied"
    ),
    SystemTemplate(
        "campaign_request_approved",
        "Campaign Request Approved",
        "A request to run an offer is approved",
        "campaign_request_approved",
    ),
    SystemTemplate(
        "campaign_request_denied",
        "Campaign Request Denied",
        "A request to run an offer is denied",
        "campaign_request_denied",
    ),
    SystemTemplate(
        "send_creatives", "Send Creatives", "You send an offer’s creatives", "send_creatives", ANNOUNCEMENT
    ),
    SystemTemplate("send_message", "Send Message", "You write to affiliates", MESSAGE, ANNOUNCEMENT),
    SystemTemplate(
        "offer_announcement",
        "Offer Announcement",
        "You announce an offer",
        "offer_announcement",
        ANNOUNCEMENT,
    ),
    SystemTemplate(
        "offer_digest", "Offer Digest", "A digest of new offers is due", OFFER_DIGEST, ANNOUNCEMENT
    ),
    SystemTemplate("payout_change", "Payout Change", "A payout changes", "payout_change"),
    SystemTemplate("offer_paused", "Offer Paused", "An offer is paused", "offer_paused"),
    SystemTemplate("offer_ending", "Offer Ending", "An offer is about to end", "offer_paused"),
    SystemTemplate("offer_resumed", "Offer Resumed", "A paused offer runs again", OFFER),
    SystemTemplate("cap_notification", "Cap Notification", "An offer comes near its cap", "cap_notification"),
    SystemTemplate(
        "tax_document_reminder", "Tax Document Reminder", "A tax form is missing", "tax_document_reminder"
    ),
    SystemTemplate("payment_notice", "Payment Notice", "A payment is on its way", "payment_notice"),
    SystemTemplate(
        "login_link", "Login Link", "An affiliate asks for a link to his page", MESSAGE, essential=True
    ),
    SystemTemplate(
        "password_reset",
        "Password Reset",
        "Somebody asks for a new password",
        "password_reset",
        essential=True,
    ),
    SystemTemplate(
        "invitation", "Invitation", "You invite a colleague", "password_reset", group=STAFF, essential=True
    ),
    SystemTemplate(
        "staff_application", "New Application", "An application waits for you", MESSAGE, group=STAFF
    ),
    SystemTemplate("staff_reply", "New Reply", "An affiliate wrote back", MESSAGE, group=STAFF),
    SystemTemplate(
        "staff_campaign_request", "New Campaign Request", "A request waits for you", OFFER, group=STAFF
    ),
    SystemTemplate(
        "staff_send_failures",
        "Send Finished with Failures",
        "A message did not reach everybody",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_message_paused",
        "Message Paused",
        "A guard paused a message",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_message_held",
        "Message Held",
        "A scheduled message could not leave",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_server_paused",
        "Mail Server Paused",
        "A mail server was paused by itself",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_approval_waits",
        "Approval Needed",
        "Mail to very many waits for a second person",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_webhook_paused",
        "Webhook Paused",
        "A webhook failed for hours",
        MESSAGE,
        group=STAFF,
    ),
    SystemTemplate(
        "staff_work_failed",
        "Background Work Failed",
        "Work in the background failed three times in a row",
        MESSAGE,
        group=STAFF,
    ),
)
SYSTEM = {template.slug: template for template in _TABLE}

STARTS = frozenset({"send_message", "offer_announcement", "offer_resumed"})
"""System templates with which people begin a message; the others are sent by an event with its own tokens."""

CONTEXTS = {MESSAGE: "A message", OFFER: "A mail about an offer", OFFER_DIGEST: "A digest of new offers"}
"""What a custom template can be for, in the words of the form."""


@cache
def _shipped(slug: str) -> Text:
    """Two lines “Subject: …” and “Preheader: …”, an empty one, then the HTML."""
    head, _, html = (DEFAULTS / f"{slug}.html").read_text("utf-8").partition("\n\n")
    subject, preheader = (line.partition(": ")[2] for line in head.split("\n"))
    return Text(subject, html.rstrip("\n"), preheader)
