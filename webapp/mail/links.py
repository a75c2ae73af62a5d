"""Links that belong to one mail and one purpose: an address of ours with the number of the mail and its signature.

The same mail has the same links on every attempt, and making one stores nothing. How long one works, and how often, is
decided where it is used: a link that only leads to a page needs less care than one that signs somebody in.
"""

from collections.abc import Callable, Container
from urllib.parse import quote

from webapp.errors import NotFound
from webapp.vault import Vault

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [one + other for one in _DIGITS for other in _DIGITS]
LONGEST_NUMBER = 13  # digits of base 36 in which every number of a row fits
PREVIEW = "preview"  # in the place of a token where there is no mail yet

AUTO_LOGIN, CREATIVES, TAX_FORM, PREFERENCES = "a", "c", "t", "m"
PATHS = {
    "autologin": AUTO_LOGIN,
    "autologintocreatives": CREATIVES,
    "taxdoc": TAX_FORM,
    "preferences.link": PREFERENCES,
}
"""Token → what stands for its purpose in the address and in what is signed."""
OF_EVERYBODY = ("manuallogintocreatives", "network.loginurl")
KEYS = frozenset((*PATHS, *OF_EVERYBODY))
"""The tokens that get their value here."""
OF_THE_PORTAL = KEYS - {"preferences.link"}
"""Those that lead to the affiliate's own page; which news one gets is chosen whether there is such a page or not."""


def make_token(vault: Vault, purpose: str, mail_id: int) -> str:
    number = _number(mail_id)
    return f"{number}.{vault.sign(purpose, number)}"


def token_maker(vault: Vault, purpose: str) -> Callable[[int], str]:
    """`make_token` for many mails."""
    sign = vault.signer(purpose)

    def make(mail_id: int) -> str:
        number = _number(mail_id)
        return f"{number}.{sign(number)}"

    return make


def mail_of(vault: Vault, purpose: str, token: str) -> int:
    """The number of the mail to which a link belongs; `NotFound` for a forged, damaged or other link."""
    number, _, signature = token.partition(".")
    if len(number) > LONGEST_NUMBER or not vault.verify(purpose, number, signature):
        raise NotFound("This link is not complete. Copy the whole of it from the mail.")
    return int(number, 36)


def purpose_of(path: str) -> str:
    """What is signed for the links of one path, so that none is worth anything on another."""
    return f"link:{path}"


def link(vault: Vault, public_url: str, path: str, mail_id: int) -> str:
    """The address for one mail; under 70 characters with a usual host name."""
    return f"{public_url}/l/{path}/{make_token(vault, purpose_of(path), mail_id)}"


def maker(
    vault: Vault, public_url: str, cid: str, wanted: Container[str]
) -> Callable[[int], dict[str, str]] | None:
    """Makes the `wanted` links of one mail after the other; None when none is wanted. `cid` is the offer it is about."""
    address = public_url.rstrip("/")
    personal = [
        (key, f"{address}/l/{path}/", vault.signer(purpose_of(path)))
        for key, path in PATHS.items()
        if key in wanted
    ]
    same = {key: value for key, value in _of_everybody(public_url, cid).items() if key in wanted}
    if not personal and not same:
        return None

    def links(mail_id: int) -> dict[str, str]:
        number, found = _number(mail_id), same.copy()
        for key, begins, sign in personal:
            found[key] = f"{begins}{number}.{sign(number)}"
        return found

    return links


def previews(public_url: str, cid: str = "", *, portal: bool = True) -> dict[str, str]:
    """Stand-ins for a mail that is only looked at: they lead to a page that says so. Without `portal` none leads there."""
    address = public_url.rstrip("/")
    every = {
        **_of_everybody(public_url, cid),
        **{key: f"{address}/l/{path}/{PREVIEW}" for key, path in PATHS.items()},
    }
    return {key: value for key, value in every.items() if portal or key not in OF_THE_PORTAL}


def _of_everybody(public_url: str, cid: str) -> dict[str, str]:
    address = public_url.rstrip("/")
    return {
        "network.loginurl": f"{address}/my/sign-in",
        "manuallogintocreatives": f"{address}/creatives/{quote(cid, safe='')}" if cid else "",
    }


def _number(value: int) -> str:
    digits = ""
    while value >= len(_PAIRS):
        value, pair = divmod(value, len(_PAIRS))
        digits = _PAIRS[pair] + digits
    return (_PAIRS[value] + digits).lstrip("0") or "0"
