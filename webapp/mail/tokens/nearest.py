"""The valid name that a misspelt one was probably meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60  # comparing is quadratic in the length, and no token is half as long


def nearest(written: str, names: Iterable[str]) -> str:
    """The name most like `written`, or "" when none resembles it. Dots, blanks, underscores and case do not count."""
    squashed = {_squash(name): name for name in names}
    wanted = _squash(written[:_LONGEST])
    if not wanted:
        return ""
    if wanted in squashed:
        return squashed[wanted]
    tails = [name for short, name in squashed.items() if short.endswith(wanted)]
    if tails and len(wanted) > 1:
        return tails[0]  # [=FirstName=] is the affiliate's: that group comes first
    close = get_close_matches(wanted, squashed, n=1, cutoff=0.6)
    return squashed[close[0]] if close else ""


def _squash(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
