"""The forms of this feature. Fields of the public one are named like those of `details`; the service checks them."""

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from webapp.affiliates.forms import COUNTRIES
from webapp.web.forms import Form, TextField, choices

FIELDS = ("first_name", "last_name", "email", "company", "country", "website", "traffic")


class ApplyForm(Form):
    first_name = TextField("First name", render_kw={"autocomplete": "given-name"})
    last_name = TextField("Last name", render_kw={"autocomplete": "family-name"})
    email = TextField(
        "E-mail address",
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "email", "spellcheck": "false"},
    )
    company = TextField("Company", render_kw={"autocomplete": "organization"})
    country = SelectField("Country", choices=choices([("", "Choose"), *COUNTRIES[1:]]))
    website = TextField(
        "Website", render_kw={"inputmode": "url", "autocomplete": "url", "spellcheck": "false"}
    )
    traffic = TextAreaField("How do you promote?", render_kw={"rows": 4})
    agreed = BooleanField("I agree to the terms")
    # Nobody sees it: who fills it in is a machine.
    fax_number = StringField("Leave this empty", render_kw={"autocomplete": "off", "tabindex": "-1"})
    clock = HiddenField()

    def values(self) -> dict[str, str]:
        """What was typed, by the names of `details`."""
        return {name: self[name].data or "" for name in FIELDS}


class ConfirmForm(Form):
    """A button: only it confirms."""


class ApplicationsForm(Form):
    """The settings of the public form."""

    applications = SelectField(
        "Public form", choices=choices([("off", "Closed: nobody can apply"), ("on", "Open to everybody")])
    )
    applications_welcome = TextAreaField("Words above the form", render_kw={"rows": 4})
    applications_terms_url = TextField(
        "Address of your terms", render_kw={"inputmode": "url", "autocomplete": "off"}
    )
