"""Web addresses of an offer: only http and https, with tokens of the affiliate behind the host and nowhere else."""

import re
from collections.abc import Callable, Mapping

from webapp.imports.cleaning import Refusal, line
from webapp.mail.compose.escaping import url_part, web_url

LONGEST = 2_000
TOKENS = {
    name.lower(): name
    for name in (
        "Affiliate.ID",
        "Affiliate.AltID",
        "Affiliate.UserName",
        "Affiliate.AdditionalData1",
        "Affiliate.AdditionalData2",
        "CID",
    )
}
_TOKEN = re.compile(r"\[=\s*([^\[\]=]*?)\s*=\]")
_BEGINNING = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?=[/?#]|$)", re.IGNORECASE
)


def address(value: str, *, what: str) -> str:
    """A plain web address, or ""."""
    value = line(value, most=LONGEST, what=what)
    if "[=" in value:
        raise Refusal(f"The {what} can hold no tokens. Write the address out.")
    return _whole(value)


def pattern(value: str, *, what: str) -> str:
    """A web address that may hold tokens in path, query or fragment, or ""."""
    value = line(value, most=LONGEST, what=what)
    for found in _TOKEN.finditer(value):
        name = found[1].lower().replace(" ", "")
        if name not in TOKENS:
            raise Refusal(f"{found[0][:60]} can't stand in the {what}. Use {', '.join(TOKENS.values())}.")
    bare = _TOKEN.sub("x", value)
    if "[=" in bare or "=]" in bare:
        raise Refusal(f"The {what} holds a token that isn't closed. Write it like [=Affiliate.ID=].")
    first = value.find("[=")
    if first >= 0 and not re.match(r"https?://[^/?#\\]+[/?#]", value[:first], re.IGNORECASE):
        raise Refusal(f"A token stands in the host of the {what}. Put it behind the first “/” or “?”.")
    _whole(bare)
    return value


def names_in(url: str) -> list[str]:
    """The tokens of a pattern, as keys of the catalogue."""
    return list(dict.fromkeys(name.lower().replace(" ", "") for name in _TOKEN.findall(url)))


def filler(url: str) -> Callable[[Mapping[str, str]], str]:
    """Makes a pattern's link for one affiliate after the other, from values by key.

    "" when a value that it needs is missing: half a link counts for nobody.
    """
    first, *rest = _TOKEN.split(url)
    parts = [
        (name.lower().replace(" ", ""), behind) for name, behind in zip(rest[::2], rest[1::2], strict=True)
    ]

    def fill(values: Mapping[str, str]) -> str:
        link = first
        for name, behind in parts:
            value = values.get(name)
            if not value:
                return ""
            link += url_part(value) + behind
        return link

    return fill


def _whole(value: str) -> str:
    if value and (not _BEGINNING.match(value) or not web_url(value) or " " in value):
        raise Refusal(f"“{value[:60]}” is no web address. Write one like https://example.com/path.")
    return value
