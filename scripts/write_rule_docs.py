"""Writes docs/mail-check.md from the rules themselves. A house test compares the two."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mail-check.md"
sys.path.insert(0, str(ROOT))

HEAD = """# The mail check

Made from the rules themselves by `python scripts/write_rule_docs.py`.

Before a message is sent, three of the mails that would leave are made as the sender makes them, signature and counted links
included: the one to the affiliate with the longest values, the one to whom most is missing, and the first. The rules read
their bytes. A verdict is *pass*, *warn*, *fail*, *unknown* (nobody could say) or *n/a*; what is to be mended comes with the
line and the remedy. *Review* shows it for a message, *Mail check* for a template, `offerpost check-mail` for both and for any
file (judged as of its own date).

A rule that fails keeps the message from leaving. Where the third column is empty, a person may send it anyway with a reason,
which the log keeps (`offerpost broadcast start ID --anyway REASON`); where it says why, nobody may.

| rule | | why it can't be overruled |
|---|---|---|
"""
TAIL = """
## What others say

Asked beside the page, bounded in time, and never a reason to refuse: no answer is *unknown*.

| rule | asks | time |
|---|---|---|
| M06 One click works | our own web server, by a genuine link of nobody: POST answers 2xx, GET changes nothing | 5 s |
| M13 Hosts of links | the DNS, whether the hosts of the links exist | 5 s |
| M16 Spam filters | SpamAssassin here, without network and learning; rspamd at the address in the settings | 20 s, 10 s |

No mail leaves the machine to be checked unless you name an rspamd: then sample mails, with the data of their recipients, go
to that host. An address that is not public must stand in `OFFERPOST_ALLOW_HOSTS`, as for mail servers. SpamAssassin is found
when it is installed (`apt install spamassassin`); its daemon is not needed. Each shipped template passes every rule and has at
most 1.0 points there, which a test shows.
"""


def document() -> str:
    """The whole page."""
    from webapp.mail.check.rules import every

    rows = (f"| {one.id} {one.title} | {one.passes} | {one.must} |\n" for one in every())
    return HEAD + "".join(rows) + TAIL


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
