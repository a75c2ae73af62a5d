"""M11: how large a mail may be. Gmail cuts the HTML at 102 KB, and the unsubscribe link with it."""

from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule
from webapp.mail.mime import LONGEST

CLIPPED = 102 * 1024
LARGE = 200 * 1024


@rule("M11", "Size", "Small enough to be shown whole.")
def size(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    if len(mail.raw) > LONGEST:
        yield fails(
            f"The mail has {_kb(len(mail.raw))}; more than a megabyte is refused by many.", "Link to it."
        )
        return
    html = len(mail.html.encode())
    if html >= CLIPPED:
        words = f"The HTML has {_kb(html)}. Gmail cuts it at {_kb(CLIPPED)} and hides the end, where people unsubscribe."
        yield fails(words, "Shorten it, and take out styles that it does not use.")
    elif html > CLIPPED * 0.8:
        yield warns(f"The HTML has {_kb(html)}; at {_kb(CLIPPED)} Gmail cuts it.", "Shorten it.")
    if len(mail.raw) > LARGE:
        yield warns(f"The mail has {_kb(len(mail.raw))}; {_kb(LARGE)} is a good limit.", "Shorten it.")


def _kb(count: int) -> str:
    return f"{count / 1024:,.0f} KB"
