"""A value as it is written into each place of a mail. Whatever it holds, it stays text there."""

import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import nh3

from webapp.mail.tokens.lists import items_of
from webapp.mail.tokens.places import Place

_UNSAFE = re.compile(r"[^\S\n ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_WEB = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~-._"
_URL = re.compile(rf"[A-Za-z0-9{re.escape(_URL_CHARACTERS)}]+")


def clean(value: str, *, multiline: bool = False) -> str:
    """The value without controls, half characters and outer blanks; on one line unless it is an address or a list."""
    if value.isprintable():
        return value.strip()
    text = _BREAKS.sub("\n", value)
    if not multiline:
        text = text.replace("\n", " ")
    text = _UNSAFE.sub(lambda found: " " if found.group().isspace() else "", text)
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def html_text(value: str) -> str:
    """For text between tags; line breaks are shown."""
    return escape(value).replace("\n", "<br>\n")


def html_attribute(value: str) -> str:
    """For an attribute in quotes."""
    return escape(value).replace("\n", " ")


def url_part(value: str) -> str:
    """For the path, query or fragment of a link."""
    return value if value.isalnum() and value.isascii() else quote(value, safe="")


def contact(value: str) -> str:
    """For what follows `mailto:`, `tel:` and their like."""
    return quote(value, safe="@+")


def web_url(value: str) -> str:
    """A whole link: only the web's own schemes; anything else becomes an empty link."""
    if not _WEB.match(value):
        return ""
    return value if _URL.fullmatch(value) else quote(value, safe=_URL_CHARACTERS)


def html_url(value: str) -> str:
    """A whole link inside an attribute."""
    return escape(web_url(value))


def html_fragment(value: str) -> str:
    """A value that is HTML itself: what is not on the list of harmless tags is taken out."""
    return nh3.clean(
        value, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None
    )


def offer_list(value: str) -> str:
    """A list of offers where its name stands as a token: their names with their links. HTML stays what it is."""
    items = [
        f'<li><a href="{html_url(item.get("trackingurl", ""))}">{html_text(item.get("offername", ""))}</a></li>'
        for item in items_of(value)
    ]
    return html_fragment(f"<ul>{''.join(items)}</ul>" if items else "" if value.startswith("[") else value)


def plain(value: str) -> str:
    """For plain text."""
    return value


_TAG_NAMES = (
    "a b blockquote br code div em h1 h2 h3 h4 hr i img li ol p pre s small span strong sub sup "
    "table tbody td th thead tr u ul"
)
_TAGS = set(_TAG_NAMES.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
}

Writers = dict[Place, Callable[[str], str]]

IN_HTML: Writers = {
    Place.TEXT: html_text,
    Place.ATTRIBUTE: html_attribute,
    Place.WHOLE_URL: html_url,
    Place.URL_PART: url_part,
    Place.CONTACT: contact,
}
"""How a value is written into each place of the HTML part."""

IN_TEXT: Writers = {
    Place.TEXT: plain,
    Place.ATTRIBUTE: plain,
    Place.WHOLE_URL: web_url,
    Place.URL_PART: url_part,
    Place.CONTACT: contact,
}
"""How the same token is written where the text part shows what stood in that place of the HTML."""
