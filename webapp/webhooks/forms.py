"""The form of a webhook."""

from wtforms import SelectMultipleField

from webapp.web.forms import Form, TextField, choices
from webapp.webhooks.hooks import Wish
from webapp.webhooks.kinds import KINDS


class WebhookForm(Form):
    name = TextField("Name", description="Which program it is for, like “Tracking platform”.")
    url = TextField(
        "Address",
        description="Requests go there by POST, over https.",
        render_kw={"type": "url", "inputmode": "url", "spellcheck": "false", "placeholder": "https://"},
    )
    events = SelectMultipleField(
        "Events", choices=choices((kind.slug, kind.label) for kind in KINDS.values()), validate_choice=False
    )

    def wish(self) -> Wish:
        return Wish(self.name.data or "", self.url.data or "", tuple(self.events.data or ()))


class PressForm(Form):
    """A button."""
