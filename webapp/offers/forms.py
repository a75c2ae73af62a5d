"""The forms of this feature. Fields are named like those of `details`; the services check them."""

import csv
from collections.abc import Iterable

from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.offers.details import TYPES
from webapp.offers.fields import as_text, stored_values
from webapp.offers.models import Assignment, Offer
from webapp.offers.money import DIGITS
from webapp.web.forms import Form, TextField, choices

STATUS_LABELS = {"draft": "Draft", "active": "Active", "paused": "Paused", "ended": "Ended"}
STATE_LABELS = {
    "requested": "Requested",
    "approved": "Approved",
    "denied": "Denied",
    "blocked": "Blocked",
}
CREATIVE_LABELS = {"banner": "Banner", "link": "Link", "text": "Text", "mail": "HTML mail"}
_DAY = {"type": "date"}
_WEB = {"type": "url", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class Values(Form):
    def values(self) -> dict[str, str]:
        """What was typed, by the names of `details`."""
        return {field.name: field.data or "" for field in self if field.name != "csrf_token"}


class OfferForm(Values):
    name = TextField("Name", [InputRequired("Write what your team calls the offer.")])
    cid = TextField("CID", render_kw={"autocomplete": "off", "spellcheck": "false"})
    title = TextField("Public title")
    status = SelectField("Status", choices=choices(STATUS_LABELS.items()))
    type = SelectField("Type", validate_choice=False)
    category = TextField("Category")
    payout = TextField("Payout", render_kw={"inputmode": "decimal", "autocomplete": "off"})
    currency = SelectField(
        "Currency", choices=choices((code, code) for code in sorted(DIGITS)), default="USD"
    )
    start_date = StringField("Starts", render_kw=_DAY)
    end_date = StringField("Ends", render_kw=_DAY)
    # Not type=url: a browser would refuse the tokens in it.
    tracking_url = TextField("Tracking URL", render_kw={"autocomplete": "off", "spellcheck": "false"})
    description = TextAreaField("Description", render_kw={"rows": 6})
    special_instructions = TextAreaField("Special instructions", render_kw={"rows": 4})
    from_lines = TextAreaField("From lines", render_kw={"rows": 3})
    subject_lines = TextAreaField("Subject lines", render_kw={"rows": 3})
    suppression_list_url = TextField("Suppression list", render_kw=_WEB)
    logo_url = TextField("Logo", render_kw=_WEB)
    daily_cap = TextField("Daily cap", render_kw=_NUMBER)
    monthly_cap = TextField("Monthly cap", render_kw=_NUMBER)
    total_cap = TextField("Total cap", render_kw=_NUMBER)
    manager_email = SelectField("Campaign manager")

    def offer(self, types: Iterable[str], managers: Iterable[User] | None) -> None:
        """Fill the choices. Without managers, nobody is asked for one."""
        known = {name: f"{name}: {words}" for name, words in TYPES.items()}
        more = {name: name for name in (*types, self.type.data or "") if name and name not in known}
        self.type.choices = choices([*known.items(), *more.items()])
        if managers is None:
            del self.manager_email
        else:
            self.manager_email.choices = choices(
                [("", "Nobody"), *((user.email, user.name) for user in managers)]
            )


def values_of(offer: Offer) -> dict[str, str]:
    """An offer as the form shows it."""
    return stored_values(offer, offer.manager.email if offer.manager else "")


class CreativeForm(Values):
    name = TextField("Name", [InputRequired("Write what the creative is, like “Banner 300 × 250”.")])
    kind = SelectField("Kind", choices=choices(CREATIVE_LABELS.items()))
    code = TextAreaField("Code", render_kw={"rows": 8, "spellcheck": "false"})


class TermsForm(Values):
    state = SelectField("State", choices=choices(STATE_LABELS.items()))
    payout = TextField("Own payout", render_kw={"inputmode": "decimal", "autocomplete": "off"})
    tracking_url = TextField("Own tracking URL", render_kw=_WEB)
    cap = TextField("Own cap", render_kw=_NUMBER)


def terms_of(assignment: Assignment) -> dict[str, str]:
    """An assignment as the form shows it."""
    return {name: as_text(getattr(assignment, name)) for name in ("state", "payout", "tracking_url", "cap")}


class AssignForm(Form):
    affiliate_id = TextField("Affiliate ID", render_kw={"autocomplete": "off"})


MOST_PAYOUTS = 10_000


class PayoutsForm(Form):
    payouts = TextAreaField("Affiliate IDs and payouts", render_kw={"rows": 10, "spellcheck": "false"})
    file = FileField("Or a CSV file", render_kw={"accept": ".csv,.tsv,text/csv"})

    def payouts_by_id(self) -> dict[str, str]:
        """What was typed or uploaded, by affiliate ID. A row of headings is passed over; `Invalid` for a row that isn't one."""
        if self.file.data:
            # The typed text is what the next press sends: a browser does not keep a file.
            self.payouts.data = self.file.data.read().decode("utf-8-sig", "replace")
        text = (self.payouts.data or "").replace("\t", ",").replace(";", ",")
        rows = [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
        if rows and rows[0][0].strip().lower() in ("affiliate_id", "affiliate id", "id"):
            del rows[0]
        if not rows or len(rows) > MOST_PAYOUTS:
            words = f"Write one line for each affiliate, 1 to {MOST_PAYOUTS:,}: the ID, a comma, the payout."
            raise Invalid({"payouts": words})
        found: dict[str, str] = {}
        for row in rows:
            number, payout = (*(cell.strip() for cell in row), "", "")[:2]
            if len(row) > 2 or not number or number in found:
                raise Invalid(
                    {"payouts": f"“{','.join(row)[:60]}” is not one ID with one payout. Correct it."}
                )
            found[number] = payout
        return found
