"""Forms of this feature."""

from wtforms import RadioField, TextAreaField

from webapp.web.forms import Form, TextField


class CheckForm(Form):
    domain = TextField("Domain", description="What stands behind the @ of your from address.")


class KeyForm(Form):
    domain = TextField("Domain", description="Signs every mail whose from address is there.")
    kind = RadioField(
        "Kind",
        choices={"rsa": "RSA, 2048 bits", "ed25519": "Ed25519", "both": "Both"},
        default="rsa",
        description="Every receiver knows RSA. Ed25519 comes beside it, some know it.",
    )


class ArrivalForm(Form):
    headers = TextAreaField(
        "Headers of the mail", description="The whole source is fine too; only the headers are read."
    )


class PressForm(Form):
    """A button."""
