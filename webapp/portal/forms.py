"""The forms of the affiliate's page and of its settings."""

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from webapp.web.forms import Form, TextField, choices, trimmed

SWITCH = {"on": "Open", "off": "Closed"}

TAX_FORM = {"off": "Not asked for", "upload": "Handed in here", "link": "Elsewhere"}


class ContinueForm(Form):
    """A button."""


class AskForm(Form):
    email = TextField(
        "E-mail address",
        [InputRequired("Type the address to which our mail comes.")],
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "email", "spellcheck": "false"},
    )


class TaxFormForm(Form):
    file = FileField("Your tax form", [FileRequired("Choose the file first.")])


class PageForm(Form):
    """Fields are named like the settings."""

    portal = RadioField("The affiliates’ page is", choices=choices(SWITCH.items()))
    portal_name = TextField(
        "Name", description="Stands on top of every page. Left empty it is the network’s name."
    )
    portal_welcome = TextAreaField(
        "Welcome",
        description="A few sentences above the list of offers: whom to ask, what is new.",
        filters=[trimmed],
        render_kw={"rows": 4},
    )
    tax_form = RadioField("Tax form", choices=choices(TAX_FORM.items()))
    tax_form_url = TextField(
        "Address of your own form",
        description="Begins with https://. Used when the form is elsewhere.",
        render_kw={"type": "url", "inputmode": "url", "spellcheck": "false"},
    )
