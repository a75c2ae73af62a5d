"""The form of the mailbox, drawn from its declared fields."""

from typing import Any, cast

from flask import request
from wtforms import Field

from transports import fields as declared
from transports.fields import Secret, Toggle
from webapp.feedback.mailbox.fields import FIELDS
from webapp.feedback.mailbox.models import Mailbox
from webapp.settings.declared import drawn
from webapp.web.forms import Form

SIGN_IN = ("username", "auth", "password")
OAUTH = ("client_id", "client_secret", "refresh_token", "token_url")


class MailboxForm(Form):
    """Stored values, or what is being sent. Secrets are never among them."""

    def controls(self, *names: str) -> list[Field]:
        return [cast(Field, self[name]) for name in names]

    def typed(self) -> dict[str, str]:
        """Every declared field as text. A box that is not ticked was sent empty."""
        return {
            one.name: "true"
            if isinstance(one, Toggle) and one.name in request.form
            else request.form.get(one.name, "")
            for one in FIELDS
        }

    @property
    def typed_secrets(self) -> str:
        """Labels of secrets that were just typed: they are not sent back, so the page says so."""
        return " and ".join(
            one.label.lower() for one in FIELDS if isinstance(one, Secret) and request.form.get(one.name)
        )


def mailbox_form(box: Mailbox | None) -> MailboxForm:
    made: dict[str, Any] = {one.name: drawn(one) for one in FIELDS}
    form: MailboxForm = type("DeclaredMailboxForm", (MailboxForm,), made)(data=_shown(box))
    return form


def _shown(box: Mailbox | None) -> dict[str, Any]:
    stored = box.values if box is not None else {}
    values = {one.name: stored.get(one.name, one.default) for one in FIELDS if not isinstance(one, Secret)}
    return {
        name: value if isinstance(value, bool) else declared.as_text(value) for name, value in values.items()
    }
