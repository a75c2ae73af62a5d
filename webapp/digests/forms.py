"""The form of a digest."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import IntegerField, SelectField
from wtforms.validators import Optional

from webapp.accounts.models import User
from webapp.affiliates import audience
from webapp.affiliates.models import AffiliateGroup
from webapp.broadcasts import forms as messages
from webapp.broadcasts.access import ALL
from webapp.digests import times
from webapp.digests.models import Digest
from webapp.digests.service import Plan
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail_templates.queries import templates
from webapp.web.forms import Form, TextField

EVERY = {times.WEEK: "Every week", times.DAYS: "Every so many days", times.MONTH: "Every month"}
AUDIENCES = {key: messages.PRESETS[key] for key in ("all", "my", "group", "my_group")}
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class DigestForm(Form):
    """`weekday`, `days` or `month_day` counts, by `every`."""

    name = TextField("Name", render_kw={"autocomplete": "off", "maxlength": 100})
    audience = SelectField("Send to")
    group = SelectField("Group", validate_choice=False)
    segment = SelectField("Only those in the segment", validate_choice=False)
    every = SelectField("How often", choices=EVERY)
    weekday = SelectField("On", choices={str(number): name for number, name in enumerate(times.NAMES)})
    days = IntegerField("Days between two", [Optional()], render_kw=_NUMBER)
    month_day = IntegerField("Day of the month", [Optional()], render_kw=_NUMBER)
    hour = SelectField("At", choices={str(hour): f"{hour:02}:00" for hour in range(24)})
    template = SelectField("Template")
    sender = SelectField("From")
    server = SelectField("Leaves through")

    @classmethod
    def of(cls, session: Session, user: User, digest: Digest | None) -> "DigestForm":
        """With the choices that this user has, filled from the digest on a GET."""
        form = cls(data=_data(user, digest))
        form.audience.choices = {
            key: words for key, words in AUDIENCES.items() if user.may(ALL) or key in messages.OWN_PRESETS
        }
        kept = digest.audience if digest else "all"
        if _preset(kept)[0] == messages.AS_WRITTEN:
            form.audience.choices[messages.AS_WRITTEN] = audience.describe(session, kept)
        form.kept = kept
        names = list(session.scalars(select(AffiliateGroup.name).order_by(AffiliateGroup.name)))
        form.group.choices = {"": "Choose a group", **{name: name for name in names}}
        form.segment.choices = messages.segments(session, user, kept)
        form.sender.choices = messages.senders(session, user, digest.sender_id if digest else None)
        form.server.choices = messages.servers(session)
        form.template.choices = {
            one.slug: one.name for one in templates(session) if one.context == OFFER_DIGEST
        }
        return form

    def plan(self) -> Plan:
        """As it stands in the form; `Invalid` when no group is chosen."""
        days = {times.DAYS: self.days.data, times.MONTH: self.month_day.data}
        day = days[self.every.data] if self.every.data in days else int(self.weekday.data or 0)
        return Plan(
            name=self.name.data or "",
            template=self.template.data or OFFER_DIGEST,
            audience=self._expression(),
            sender_id=int(self.sender.data) if self.sender.data else None,
            server_id=int(self.server.data) if self.server.data else None,
            every=self.every.data or times.WEEK,
            day=-1 if day is None else day,
            hour=int(self.hour.data or 9),
        )

    def _expression(self) -> str:
        if self.audience.data == messages.AS_WRITTEN:
            return str(self.kept)
        return audience.preset(
            self.audience.data or "all", self.group.data or "", segment=self.segment.data or ""
        )


def _preset(expression: str) -> tuple[str, str, str]:
    found = messages.preset_of(expression)
    return found if found[0] in AUDIENCES else (messages.AS_WRITTEN, "", "")


def _data(user: User, digest: Digest | None) -> dict[str, object]:
    if digest is None:
        return {"audience": "all" if user.may(ALL) else "my", "days": 14, "month_day": 1, "hour": "9"}
    kind, group, segment = _preset(digest.audience)
    return {
        "name": digest.name,
        "audience": kind,
        "group": group,
        "segment": segment,
        "every": digest.every,
        "weekday": str(digest.day) if digest.every == times.WEEK else "0",
        "days": digest.day if digest.every == times.DAYS else 14,
        "month_day": digest.day if digest.every == times.MONTH else 1,
        "hour": str(digest.hour),
        "template": digest.template,
        "sender": str(digest.sender_id or ""),
        "server": str(digest.server_id or ""),
    }
