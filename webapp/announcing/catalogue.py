"""The one table of events. Page, documentation and announcer read it; name, class and text are those of the template."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.errors import NotFound
from webapp.mail_templates.catalogue import STAFF, SYSTEM, SystemTemplate
from webapp.mail_templates.queries import slug_of


@dataclass(frozen=True)
class Event:
    """`name` is also the slug of its template. `when` says what triggers it and `who` gets it, as sentences.

    `values` are the tokens that come with the event, `once` says what makes a second mail impossible.
    """

    name: str
    when: str
    who: str
    once: str
    about_offer: bool = False
    values: tuple[str, ...] = ()
    by_itself: bool = True  # False: only somebody else's program knows of it, and says so through the API

    @property
    def template(self) -> SystemTemplate:
        return SYSTEM[self.name]

    @property
    def to_team(self) -> bool:
        """Whether it goes to users and not to affiliates."""
        return self.template.group == STAFF

    @property
    def keys(self) -> frozenset[str]:
        """The keys that `Happening.values` may have."""
        return frozenset(value.lower() for value in self.values)


ON_OFFER = "Active affiliates who are approved on the offer"
_TABLE = (
    Event(
        "application_submitted",
        "Somebody sends the public form.",
        "The applicant, to confirm the address",
        "once for each form that was sent",
        values=("EmailConfirmation.Link",),
    ),
    Event(
        "application_approved",
        "An application is approved, or you add an affiliate and tick the mail.",
        "The new affiliate",
        "once for each application",
    ),
    Event(
        "application_denied",
        "An application is denied.",
        "The applicant",
        "once for each application",
        values=("DenialReason",),
    ),
    Event(
        "campaign_request_approved",
        "A request to run an offer is approved: singly, many at once, or by itself.",
        "The affiliate who asked",
        "once for each request",
        about_offer=True,
    ),
    Event(
        "campaign_request_denied",
        "A request to run an offer is denied.",
        "The affiliate who asked",
        "once for each request",
        about_offer=True,
        values=("DenialReason",),
    ),
    Event(
        "send_creatives",
        "You send an offer’s creatives.",
        ON_OFFER,
        "once for the creatives as they are; again after one has changed",
        about_offer=True,
    ),
    Event(
        "payout_change",
        "The payout of an offer changes, or that of one affiliate on it.",
        "Those whom the new payout pays",
        "once for each change",
        about_offer=True,
        values=("OldPayout", "NewPayout", "EffectiveDate"),
    ),
    Event(
        "offer_paused",
        "An offer is paused.",
        ON_OFFER,
        "once for each pause",
        about_offer=True,
        values=("EffectiveDate", "PauseReason", "ReplacementOffers"),
    ),
    Event(
        "offer_ending",
        "The end of an offer comes near, or it is ended.",
        ON_OFFER,
        "once for each end date",
        about_offer=True,
        values=("EffectiveDate", "ReplacementOffers"),
    ),
    Event(
        "offer_resumed",
        "A paused offer runs again.",
        ON_OFFER,
        "once for each pause",
        about_offer=True,
    ),
    Event(
        "cap_notification",
        "Your tracking platform reports that a cap is nearly reached, by the API or with “offerpost offers report-cap”.",
        "The affiliate, or everybody on the offer",
        "once for each cap, threshold and period",
        about_offer=True,
        values=("CapAmount", "CapPercent"),
        by_itself=False,
    ),
    Event(
        "tax_document_reminder",
        "An active affiliate’s tax form is missing.",
        "The affiliate, again at the interval that you set, until the form is booked",
        "once for each interval",
    ),
    Event(
        "payment_notice",
        "Your accounting reports a payment.",
        "The affiliate who is paid",
        "once for each payment",
        by_itself=False,
    ),
    Event(
        "staff_application",
        "An applicant has confirmed his address.",
        "Users with the right “approve applications”",
        "once for each application",
    ),
    Event(
        "staff_reply",
        "An affiliate replies to a mail.",
        "The affiliate’s manager; without one, nobody: the list of replies has it",
        "once for each reply",
    ),
    Event(
        "staff_campaign_request",
        "An affiliate asks for an offer.",
        "The managers of the offer and of the affiliate; without one, users who may edit all offers",
        "once for each request",
        about_offer=True,
    ),
    Event(
        "staff_send_failures",
        "A message is finished, and some of its mails failed or are unknown.",
        "Who started it; without one, users with the right “view delivery log”",
        "once for each message",
    ),
    Event(
        "staff_message_paused",
        "A guard paused a message: too many bounces or complaints.",
        "Who started it; without one, users with the right “send to all”",
        "once for each pause",
    ),
    Event(
        "staff_message_held",
        "A scheduled message or a digest could not leave at its time: it is held, with the reason.",
        "Who scheduled it; without one, users with the right “send to all”",
        "once for each time",
    ),
    Event(
        "staff_server_paused",
        "A mail server was paused by itself.",
        "Users with the right “manage email settings”",
        "once for each pause",
    ),
    Event(
        "staff_approval_waits",
        "A message, or the mails of an event, go to more people than one person may decide about.",
        "Users with the right “approve large sends”, but not whoever asked",
        "once for each message and event",
    ),
    Event(
        "staff_webhook_paused",
        "A webhook was paused by itself, after it had failed for about six hours.",
        "Users with the right “manage APIs”",
        "once for each pause",
    ),
    Event(
        "staff_work_failed",
        "A piece of work in the background failed three times in a row.",
        "Users with the right “manage email settings”",
        "once until it goes well, and once a day at most",
    ),
)
EVENTS: Mapping[str, Event] = {event.name: event for event in _TABLE}


def find(name: str) -> Event:
    """The event of that name, however it is spelt ("offer-paused")."""
    event = EVENTS.get(slug_of(name))
    if event is None:
        raise NotFound(f"There is no event “{name[:60]}”. There are {', '.join(EVENTS)}.")
    return event
