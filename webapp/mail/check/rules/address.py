"""M08: the postal address in the footer (CAN-SPAM 15 U.S.C. 7704(a)(5), CASL)."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, not_needed, unknown
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

_LETTERS = re.compile(r"\W+")
_FOOTER = "Put [=Network.Address=] where people see it, or take your own footer out: then we add one."


@rule("M08", "Postal address", "Your postal address stands in the mail.", must="The law asks for it.")
def postal_address(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    if not about.announces:
        yield not_needed("The law asks for it in announcements.")
    elif not about.postal_address.strip():
        if about.planned:
            yield fails("There is no postal address.", "Fill it in under Network in Email Settings.")
        else:
            yield unknown("We don’t know the sender’s postal address.", "Look whether the footer names it.")
    elif mail.html and not _holds(mail.shown.words, about.postal_address):
        yield fails("The HTML does not show your postal address.", _FOOTER)
    elif mail.text and not _holds(mail.text, about.postal_address):
        yield fails("The text part does not show your postal address.", _FOOTER)


def _holds(text: str, address: str) -> bool:
    return _flat(address) in _flat(text)


def _flat(text: str) -> str:
    return _LETTERS.sub(" ", text).strip().lower()
