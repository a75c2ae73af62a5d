"""The form in which a message is written."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import Optional

from webapp.accounts.models import User
from webapp.affiliates import audience, ports
from webapp.affiliates.models import AffiliateGroup
from webapp.broadcasts.access import ALL
from webapp.broadcasts.drafts import Text
from webapp.broadcasts.models import Broadcast
from webapp.mail_templates.queries import Template
from webapp.offers.queries import choices
from webapp.settings import store
from webapp.settings.models import MailServer
from webapp.web.forms import Form, TextField

PRESETS = {
    "all": "All affiliates",
    "my": "My affiliates",
    "group": "A group’s affiliates",
    "my_group": "My affiliates in a group",
    "offer": "An offer’s affiliates",
    "my_offer": "My affiliates on an offer",
    "without": "Affiliates not yet on an offer",
    "my_without": "My affiliates not yet on an offer",
}
OWN_PRESETS = ("my", "my_group", "my_offer", "my_without")
AS_WRITTEN = "as_written"
KINDS = {
    "announcement": "Announcement, with unsubscribe",
    "operational": "Operational, about their account",
}


class MessageForm(Form):
    """`audience` is one of the presets; an expression from the command line is kept as it was written."""

    audience = SelectField("Audience")
    group = SelectField("Group", validate_choice=False)
    audience_offer = SelectField("Offer of the audience", validate_choice=False)
    segment = SelectField("Only those in the segment", validate_choice=False)
    offer = SelectField("About the offer", validate_choice=False)
    sender = SelectField("From")
    kind = SelectField("Kind of mail", choices=KINDS)
    server = SelectField("Leaves through")
    subject = TextField("Subject")
    html = TextAreaField("Text")
    preheader = TextField("Preheader")
    text = TextAreaField("Text part")
    name = TextField("Name")
    counts_clicks = BooleanField("Count clicks")
    counts_opens = BooleanField("Count opens, of all together")

    @classmethod
    def for_draft(
        cls,
        session: Session,
        user: User,
        broadcast: Broadcast | None = None,
        *,
        about: str = "",
        segment: str = "",
        template: Template | None = None,
    ) -> "MessageForm":
        """The form with the choices that this user has, filled on a GET from the draft, or for a new one from a template.

        `about` is the CID of the offer that a new one is about, `segment` the number of the segment that it goes to.
        """
        begun = {"kind": template.kind, **asdict(template.text)} if template else {}
        counted = bool(store.identity(session).tracking_url)
        form = cls(data={"counts_clicks": counted, **_data(user, broadcast, about), **begun})
        form.segment.choices = segments(session, user, broadcast.audience if broadcast else "all")
        if segment and not form.is_submitted():
            form.segment.data = segment
        offers = dict(choices(session, user))
        form.offer.choices = {"": "No offer", **offers}
        kept = broadcast.offer_cid if broadcast else ""
        if kept and kept not in offers:
            form.offer.choices[kept] = kept  # ended meanwhile, or no longer the user's: saving says so
        form.audience_offer.choices = {"": "The offer it is about", **offers}
        form.sender.choices = senders(session, user, broadcast.sender_id if broadcast else None)
        form.server.choices = servers(session)
        names = list(session.scalars(select(AffiliateGroup.name).order_by(AffiliateGroup.name)))
        form.group.choices = {"": "Choose a group", **{name: name for name in names}}
        form.audience.choices = _audiences(session, user, broadcast)
        form.kept = broadcast.audience if broadcast else "all"
        return form

    def typed(self) -> Text:
        """The message as it stands in the form; `Invalid` when no group is chosen."""
        return Text(
            subject=self.subject.data or "",
            html=self.html.data or "",
            preheader=self.preheader.data or "",
            text=self.text.data or "",
            name=self.name.data or "",
            kind=self.kind.data or "announcement",
            audience=self.expression(),
            sender_id=_number(self.sender.data),
            server_id=_number(self.server.data),
            offer=self.offer.data or "",
            counts_clicks=bool(self.counts_clicks.data),
            counts_opens=bool(self.counts_opens.data),
        )

    def expression(self) -> str:
        """The audience as one line; `Invalid` when the group is not chosen."""
        if self.audience.data == AS_WRITTEN:
            return str(self.kept)
        offer = self.audience_offer.data or self.offer.data or ""
        return audience.preset(
            self.audience.data or "all", self.group.data or "", offer, self.segment.data or ""
        )


class SendForm(Form):
    """The last question before a message leaves."""

    approved = TextField("Approved")
    missing = RadioField(
        "Where a value is missing",
        choices={"skip": "Skip them", "send": "Send with the gap"},
        default="skip",
        validators=[Optional()],
    )
    number = IntegerField("Number", validators=[Optional()])
    send_at = TextField("Day and time")
    anyway = TextField("Why it is sent anyway")


def _data(user: User, broadcast: Broadcast | None, about: str) -> dict[str, Any]:
    if broadcast is None:
        own = "" if user.may(ALL) else "my"
        return {
            "audience": (f"{own}_offer".strip("_") if about else own) or "all",
            "offer": about,
            "sender": "",
            "server": "",
            "kind": "announcement",
        }
    kind, name, segment = preset_of(broadcast.audience)
    of_offer = kind in audience.ABOUT_OFFERS
    return {
        "audience": kind,
        "segment": segment,
        "group": "" if of_offer else name,
        "audience_offer": name if of_offer and name != broadcast.offer_cid else "",
        "offer": broadcast.offer_cid,
        "sender": str(broadcast.sender_id or ""),
        "server": str(broadcast.server_id or ""),
        "kind": broadcast.kind,
        "counts_clicks": broadcast.counts_clicks,
        "counts_opens": broadcast.counts_opens,
        "subject": broadcast.subject,
        "html": broadcast.html,
        "preheader": broadcast.preheader,
        "text": broadcast.text,
        "name": "" if broadcast.name == broadcast.subject else broadcast.name,
    }


def preset_of(expression: str) -> tuple[str, str, str]:
    """The preset, what it names, and the segment that narrows it."""
    parsed = audience.parse(expression)
    part, within = parsed.added[0], parsed.within
    more = len(parsed.added) > 1 or parsed.taken_out or len(within) > 1
    if more or part.kind not in PRESETS or any(one.kind != "segment" for one in within):
        return AS_WRITTEN, "", ""
    return part.kind, part.name, within[0].name if within else ""


def segments(session: Session, user: User, audience_now: str) -> dict[str, str]:
    """The user's choice, and the one that is set already though it may not be his to choose: saving says so."""
    found = {"": "Any", **dict(ports.segments().choices(session, user))}
    for kept in audience.parse(audience_now).segments:
        found.setdefault(kept, ports.segments().name(session, kept))
    return found


def _audiences(session: Session, user: User, broadcast: Broadcast | None) -> dict[str, str]:
    choices = {key: label for key, label in PRESETS.items() if user.may(ALL) or key in OWN_PRESETS}
    if broadcast and preset_of(broadcast.audience)[0] == AS_WRITTEN:
        choices[AS_WRITTEN] = audience.describe(session, broadcast.audience)
    return choices


def senders(session: Session, user: User, kept: int | None) -> dict[str, str]:
    choices = {"": "The network", str(user.id): user.name}
    if user.may("send_as_another") or (kept and kept != user.id):
        others = select(User).where(User.disabled_at.is_(None), User.id != user.id).order_by(User.first_name)
        found = session.scalars(others)
        shown = [one for one in found if user.may("send_as_another") or one.id == kept]
        choices |= {str(one.id): one.name for one in shown}
    return choices


def servers(session: Session) -> dict[str, str]:
    saved = select(MailServer).where(MailServer.draft_until.is_(None)).order_by(MailServer.name)
    servers = list(session.scalars(saved))
    default = next((server.name for server in servers if server.is_default), "")
    first = f"Default ({default})" if default else "Default"
    return {"": first, **{str(server.id): server.name for server in servers}}


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None
