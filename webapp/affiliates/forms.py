"""The forms of this feature."""

from collections.abc import Iterable

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.accounts.models import User
from webapp.affiliates.countries import NAMES
from webapp.affiliates.models import Affiliate
from webapp.web.forms import Form, TextField, choices

COUNTRIES = [("", "Not known"), *sorted(NAMES.items(), key=lambda each: each[1])]
STATUS_LABELS = {"active": "Active", "pending": "Waiting", "paused": "Paused", "closed": "Closed"}


class AffiliateForm(Form):
    """Fields are named like those of `details`; the service checks them."""

    email = TextField(
        "E-mail address",
        [InputRequired("Type the e-mail address, like ana@example.com.")],
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "off", "spellcheck": "false"},
    )
    affiliate_id = TextField("Affiliate ID")
    first_name = TextField("First name")
    last_name = TextField("Last name")
    company = TextField("Company")
    status = SelectField("Status", choices=choices(STATUS_LABELS.items()))
    group = SelectField("Group")
    manager_email = SelectField("Primary manager")
    country = SelectField("Country", choices=choices(COUNTRIES))
    language = TextField("Language")
    user_name = TextField("User name")
    tax_form_on = StringField("Tax form of", render_kw={"type": "date"})
    alt_id = TextField("Alternative ID")
    tags = TextField("Tags")
    additional_data1 = TextAreaField("Additional data 1", render_kw={"rows": 2})
    additional_data2 = TextAreaField("Additional data 2", render_kw={"rows": 2})

    welcome = BooleanField("Mail “Application Approved” to the affiliate")

    def offer(self, groups: Iterable[str], managers: Iterable[User] | None) -> None:
        """Fill the choices. Without managers, nobody is asked for one."""
        self.group.choices = choices([("", "No group"), *((name, name) for name in groups)])
        if managers is None:
            del self.manager_email
        else:
            self.manager_email.choices = choices(
                [("", "Nobody"), *((user.email, user.name) for user in managers)]
            )

    def values(self) -> dict[str, str]:
        """What was typed, by the names of `details`."""
        return {field.name: field.data or "" for field in self if field.name not in ("csrf_token", "welcome")}


def values_of(affiliate: Affiliate) -> dict[str, str]:
    """An affiliate as the form shows it."""
    names = [name for name in AffiliateForm.__dict__ if hasattr(affiliate, name) and not name.startswith("_")]
    values = {name: getattr(affiliate, name) or "" for name in names}
    values["group"] = affiliate.group.name if affiliate.group else ""
    values["manager_email"] = affiliate.manager.email if affiliate.manager else ""
    return values


class GroupForm(Form):
    name = TextField("Name of the group")


class PressForm(Form):
    """A button that changes something."""
