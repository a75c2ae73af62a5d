"""What editors, mail programs and copying do to a token, taken back."""

import re
from html import unescape

_TAG = re.compile(r"<[^<>]{0,200}>")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_ESCAPES = {"%20": " ", "%2E": ".", "%2e": ".", "%7C": "|", "%7c": "|", "%22": '"', "%3D": "=", "%3d": "="}
_ESCAPE = re.compile("|".join(_ESCAPES))


def as_text(source: str) -> str:
    """HTML character references resolved; an absurdly long number is left alone instead of being computed."""
    if "&" not in source:
        return source
    try:
        return unescape(source)
    except ValueError:  # Python refuses to turn thousands of digits into a number
        return source


def repaired(inside: str) -> str:
    """What stands in the brackets without tags, invisible characters, escapes of links and quotes around the whole."""
    text = _ESCAPE.sub(lambda found: _ESCAPES[found.group()], _TAG.sub("", inside))
    text = " ".join(_INVISIBLE.sub("", as_text(text)).split())
    if text[:1] in "\"'“”„‘’«" and text[-1:] in "\"'“”‘’»":
        text = text.strip("\"'“”„‘’«» ")
    return text
