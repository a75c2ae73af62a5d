"""The forms of the email settings and of set-up."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wtforms import EmailField

from transports.checks import Check
from transports.contract import Transport
from webapp.errors import Invalid
from webapp.mail.models import OutboxMail
from webapp.settings.declared import ServerForm
from webapp.settings.models import MailServer
from webapp.settings.store import KEYS
from webapp.web.forms import Form, TextField, trimmed


def _address(label: str, help_text: str = "") -> EmailField:
    return EmailField(label, description=help_text, filters=[trimmed])


class IdentityForm(Form):
    """Who the mail comes from, and where a test mail goes."""

    from_name = TextField("From name")
    from_address = _address("From address")
    reply_to = _address("Reply address", "People read this one.")
    postal_address = TextField(
        "Postal address", description="Printed at the foot of announcements. The law asks for it."
    )
    network_name = TextField("Network name", description="Stands in the mails and above the menu.")
    public_url = TextField(
        "Public address",
        description="Where affiliates reach this Offerpost, such as https://mail.example.com. Links in mails begin with it.",
    )
    timezone = TextField("Time zone", description="Such as Europe/Stockholm. Times on these pages follow it.")
    bounce_address = _address(
        "Bounce address",
        "Where returned mail goes. Its domain must take mail to every address that begins with b+. It is used once a"
        " connection test has shown that the mail server accepts it. Empty: the from address.",
    )
    tracking_url = TextField(
        "Tracking address",
        description="Where counted links begin, such as https://go.mail.example.com; its name must lead here. With one,"
        " clicks are counted in new messages unless you say no.",
    )
    rspamd_url = TextField(
        "rspamd",
        description="Such as http://127.0.0.1:11334. The check before sending asks it for a score: sample mails, with their"
        " recipients’ data, go to that host. Empty: no mail goes anywhere to be checked.",
    )
    test_to = _address("Send the test mail to")

    def typed(self) -> dict[str, str]:
        """The settings that were sent, by key."""
        return {key: self[key].data or "" for key in KEYS if key in self and self[key].raw_data}


class NetworkForm(Form):
    """Set-up: who the network is."""

    network_name = TextField("What is your network called?")
    postal_address = TextField(
        "Postal address", description="Printed at the foot of announcements. The law asks for it."
    )
    public_url = TextField(
        "Public address",
        description="Where affiliates reach this Offerpost. Links in mails begin with it, so use https where people are real.",
    )
    timezone = TextField("Time zone", description="Such as Europe/Stockholm.")


class FirstIdentityForm(Form):
    """Set-up: who the mail comes from."""

    from_name = TextField(
        "From name", description="What affiliates see first. Most networks use their own name."
    )
    from_address = _address(
        "From address", "Best on a sub-domain that you use for this mail only, such as mail.example.com."
    )
    reply_to = _address("Reply address", "People read this one.")


class FirstTestForm(Form):
    """Set-up: where the first test mail goes."""

    test_to = _address("Send the test mail to")


class BareForm(Form):
    """Only the token, for a button that needs nothing else."""


@dataclass
class Card:
    """One way of sending as a radio card: its form, the server that it would change, and what a test found."""

    transport: type[Transport]
    form: ServerForm
    server: MailServer | None
    source: str
    unavailable: str | None
    checked: bool = False
    checks: list[Check] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.transport.kind

    @property
    def is_plugin(self) -> bool:
        return self.source != "built in"


@dataclass
class Page:
    """What a page with cards shows; it answers `problems()` like a form, for summary and title."""

    identity: Form
    cards: list[Card]
    test: OutboxMail | None = None

    @property
    def has_choice(self) -> bool:
        """Whether a radio is on: none is when its plugin is gone, or a made-up kind was sent. Then the page says so."""
        if any(card.checked for card in self.cards):
            return True
        self.identity.refuse(Invalid({"": "Choose how mail leaves: one of the servers below."}))
        return False

    @property
    def chosen(self) -> Card:
        """The card whose radio is on."""
        return next(card for card in self.cards if card.checked)

    def problems(self) -> Iterator[tuple[str | None, str]]:
        yield from self.identity.problems()
        for card in self.cards:
            if card.checked:
                yield from card.form.problems()
