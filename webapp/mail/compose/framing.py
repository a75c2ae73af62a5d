"""The frame of a mail: a whole document with three places, into which body, footer and hidden first line flow."""

import re

PLACES = ("preheader", "body", "footer")
_PLACE = re.compile(rf"<!--({'|'.join(PLACES)})-->")


def framed(frame: str, **parts: str) -> str:
    """`frame` with each `<!--place-->` filled once; what flows in is not searched for places again."""
    return _PLACE.sub(lambda found: parts[found.group(1)], frame)
