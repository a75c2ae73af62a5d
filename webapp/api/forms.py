"""The form for a new key."""

from wtforms import SelectMultipleField, TextAreaField

from webapp.api.keys import Wish
from webapp.api.scopes import SCOPES
from webapp.web.forms import Form, TextField, choices


class KeyForm(Form):
    name = TextField("Name", description="Which program it is for, like “Tracking platform”.")
    scopes = SelectMultipleField("What it may do", choices=choices(SCOPES.items()), validate_choice=False)
    expires = TextField("Last day", description="It stops working after this day.")
    networks = TextAreaField(
        "Allowed networks",
        description="One a line, like 203.0.113.0/24. Empty: from everywhere.",
        render_kw={"rows": 3, "spellcheck": "false"},
    )

    def wish(self) -> Wish:
        return Wish(
            self.name.data or "",
            tuple(self.scopes.data or ()),
            self.expires.data or "",
            self.networks.data or "",
        )
