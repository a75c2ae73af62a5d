"""Forms about addresses that are not to be mailed."""

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField

from webapp.errors import Invalid
from webapp.web.forms import Form, TextField

SCOPES = {
    "all": "All mail",
    "announcement": "Announcements",
    "offers": "News about offers",
    "newsletter": "News of the network",
}


class SuppressForm(Form):
    address = TextField(
        "Address or domain", description="Like name@example.com, or @example.com for everybody there."
    )
    scope = RadioField("Not to get", choices=SCOPES, default="all")
    note = TextField("Why")


class ChoiceForm(Form):
    """Ticks that the page draws by itself, and two buttons."""


class ListForm(Form):
    file = FileField("File", [FileRequired("Choose a file: one address a line, or our own export.")])

    def text(self) -> str:
        """What is in the file; `Invalid` when it is no text."""
        try:
            return str(self.file.data.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise Invalid({"file": "This is no text in UTF-8. Save the list as CSV (UTF-8)."}) from error


class LiftForm(Form):
    """`why` is kept in the audit trail: lifting a bar is the deed that people ask about later."""

    why = TextField("Why may this address be mailed again?")
