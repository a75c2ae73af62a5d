"""Forms of this feature."""

from wtforms import RadioField, SelectField, TextAreaField

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


class LoopForm(Form):
    """`servers` and the default of `way` are the view's."""

    from_address = TextField(
        "From", description="One of your own domains. Empty: the network’s from address."
    )
    way = RadioField("To", choices={"mailbox": "The app’s own mailbox", "paste": "An address"})
    address = TextField("Address", description="Only for “An address”. What arrives there is pasted here.")
    server = SelectField("Through", coerce=int, validate_choice=False)
    kind = RadioField(
        "As",
        choices={"operational": "Account mail", "announcement": "An announcement"},
        default="operational",
    )
    receiver = TextField(
        "Receiving host",
        description="Whose findings are believed, such as mx.google.com. Empty: the server that took the mail last.",
    )


class SourceForm(Form):
    source = TextAreaField(
        "Source of the mail",
        description="“Show original” gives it. The header alone will do; with the text, more can be said.",
    )
    receiver = TextField("Receiving host", description="Empty: the server that took the mail last.")


class PressForm(Form):
    """A button."""
