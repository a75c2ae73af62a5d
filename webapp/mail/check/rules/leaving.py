"""M05 and M07: how people leave the list, by one click of the mail program (RFC 8058) and by a link that they see."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, not_needed, seen, warns
from webapp.mail.check.mail import Field, Mail
from webapp.mail.check.shown import Link
from webapp.mail.check.table import rule

SMALLEST = 8  # pixels
READABLE = 2.0  # contrast below which a link is as good as hidden
_URI = re.compile(r"<([^<>\s]{1,2000})>")
_WORDS = re.compile(
    r"unsubscri|opt[- ]?out|abmeld|abbestell|d[ée]sabonn|d[ée]sinscri|afmeld|uitschrijv|cancelar|darse de baja|disiscri"
    r"|avregistrer|afmelden|wypisz|leave this list",
    re.IGNORECASE,
)
_OPERATIONAL = "Operational mail is about the account; nobody can leave it."
_FOOTER = "Put [=Unsubscribe.Link=] into the footer, or take your own out: then we add one."
_AS_LINK = 'Make a link of it: <a href="[=Unsubscribe.Link=]">Unsubscribe</a>.'


@rule("M05", "One-click unsubscribe", "The header that mail programs turn into a button is there and whole.")
def one_click(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    """RFC 8058 §3.1 and §4; Gmail and Yahoo ask for it."""
    if not about.announces:
        yield not_needed(_OPERATIONAL)
        return
    field, post = mail.first("List-Unsubscribe"), mail.first("List-Unsubscribe-Post")
    if field is None:
        yield fails("There is no List-Unsubscribe field.", "Send it as an announcement: then we add it.")
        return
    yield from _addresses(field)
    if post is None or post.raw != "List-Unsubscribe=One-Click":
        yield fails("The field List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing.", _FOOTER)
    yield from _signed(mail)


def _addresses(field: Field) -> Iterator[Finding]:
    at = seen("header", field.line, f"List-Unsubscribe: {field.raw}")
    found = _URI.findall(field.raw)
    secure = [one for one in found if one.lower().startswith("https://")]
    if "=?" in field.raw:
        yield fails("The address is encoded, and no receiver reads it.", "Shorten the public address.", at)
    elif len(secure) != 1:
        remedy = "Set a public address that begins with https under Email Settings."
        how = warns if len(found) == 1 and found[0].lower().startswith("http://") else fails
        yield how("There must be exactly one https address.", remedy, at)


def _signed(mail: Mail) -> Iterator[Finding]:
    for field in mail.named("DKIM-Signature"):
        found = re.search(r";\s*h=([^;]{0,4000})", f";{field.raw}")
        named = {one.strip().lower() for one in found[1].split(":")} if found else set()
        if not {"list-unsubscribe", "list-unsubscribe-post"} <= named:
            at = seen("header", field.line, field.raw)
            yield fails("A DKIM signature does not cover the fields.", "Sign with Offerpost’s own key.", at)


@rule(
    "M07",
    "Unsubscribe link",
    "A link that people see, in the HTML and in the text.",
    must="The law asks for it.",
)
def body_link(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    if not about.announces:
        yield not_needed(_OPERATIONAL)
        return
    field = mail.first("List-Unsubscribe")
    address = next(iter(_URI.findall(field.raw)), "") if field else ""
    if mail.html:
        links = [one for one in mail.shown.links if _leaves(one, address)]
        if not links and address and address in mail.shown.words:
            yield fails("The address stands in the HTML as words, and nobody can press it.", _AS_LINK)
        else:
            yield from _in_html(links)
    if mail.text and address not in mail.text and not _WORDS.search(mail.text):
        yield fails("The text part has no link to unsubscribe.", _FOOTER)
    if not mail.html and not mail.text:
        yield fails("There is no text that could hold the link.", _FOOTER)


def _leaves(link: Link, address: str) -> bool:
    return bool(address and link.href == address) or bool(_WORDS.search(f"{link.words} {link.href}"))


def _in_html(links: list[Link]) -> Iterator[Finding]:
    if not links:
        yield fails("The HTML has no link to unsubscribe.", _FOOTER)
        return
    reasons = [(one, _why_unseen(one)) for one in links]
    if all(why for _, why in reasons):
        link, why = reasons[0]
        yield fails(
            f"Nobody sees the link to unsubscribe: {why}.", _FOOTER, seen("HTML", link.line, link.words)
        )


def _why_unseen(link: Link) -> str:
    runs = [run for run in link.runs if run.text.strip()]
    if not runs:
        return "" if link.pictures else "it has no words"
    if hidden := next((run.look.unseen for run in runs if run.look.unseen), ""):
        return hidden
    small = min(run.look.size for run in runs)
    return f"it is {small:g} pixels high" if small < SMALLEST else ""
