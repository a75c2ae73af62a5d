"""What a template says, checked before it is stored."""

from dataclasses import dataclass, replace
from typing import Any

from webapp.errors import Invalid
from webapp.mail.compose import Draft, TokenProblems, lint
from webapp.mail.tokens import Problem

LARGEST = 512 * 1024
SPECIMEN = Draft(
    subject="",
    html="",
    from_name="Network",
    from_address="network@example.com",
    reply_to=None,
    sender=None,
    kind="operational",
    list_id=None,
    network_name="Network",
    postal_address="1 Main Street",
    public_url="https://example.com",
    domain_for_message_ids="example.com",
)
"""An identity in which nothing is wrong, for checking a text before there is a network."""


FIELDS = {"subject": 500, "preheader": 300, "html": LARGEST, "text": LARGEST}


@dataclass(frozen=True)
class Text:
    """Subject, HTML and hidden first line with tokens. `text` is the plain text part; where it is empty one is made."""

    subject: str
    html: str
    preheader: str = ""
    text: str = ""

    @classmethod
    def of(cls, source: Any) -> "Text":
        """From whatever has these attributes: a message, a version of a template."""
        return cls(source.subject, source.html, source.preheader, source.text)

    @property
    def html_for_mail(self) -> str:
        """The HTML without a byte order mark, which belongs to a file and not to a mail."""
        return self.html.removeprefix("\ufeff")


def problems_of(text: Text, context: str) -> list[Problem]:
    """What keeps the text from being mailed, whoever the network is. The same list as before a broadcast starts."""
    draft = replace(
        SPECIMEN, subject=text.subject, html=text.html_for_mail, preheader=text.preheader, text=text.text
    )
    return lint(draft, context=context)


def check(text: Text, context: str) -> None:
    """Refuse what can't be stored or mailed. A text that stands in the form stays there."""
    refused = {
        field: f"It is longer than {most:,} bytes. Shorten it."
        for field, most in FIELDS.items()
        if len(getattr(text, field).encode("utf-8", "replace")) > most
    }
    refused |= {
        field: "It holds a NUL character. Remove it." for field in FIELDS if "\0" in getattr(text, field)
    }
    if refused:
        raise Invalid(refused)
    if found := problems_of(text, context):
        raise TokenProblems(found)
