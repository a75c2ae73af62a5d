"""Forms about addresses that are not to be mailed."""

from wtforms import RadioField

from webapp.web.forms import Form, TextField

SCOPES = {"announcement": "Announcements only", "all": "All mail"}


class SuppressForm(Form):
    address = TextField("Address")
    scope = RadioField("Not to get", choices=SCOPES, default="all")
    note = TextField("Why")


class LiftForm(Form):
    """`why` is kept in the audit trail: lifting a bar is the deed that people ask about later."""

    why = TextField("Why may this address be mailed again?")
