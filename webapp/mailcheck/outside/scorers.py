"""M16: what spam filters would say. SpamAssassin of this machine, and an rspamd that somebody has named."""

from collections.abc import Callable, Iterator

from transports.net import Net
from webapp.mail.check import Finding, Mail
from webapp.mail.check.finding import merged, unknown
from webapp.mailcheck.outside import rspamd, spamassassin
from webapp.mailcheck.outside.score import NoScore, Score, judged
from webapp.verdict import Verdict

_NONE = "There is no spam filter on this machine."
_REMEDY = "Install SpamAssassin, or name an rspamd under Email Settings."


def score(net: Net, rspamd_url: str, mail: Mail) -> Finding:
    """The worst that any of them says. The mail leaves the machine only towards an rspamd that was named."""
    findings = list(_findings(net, rspamd_url, mail))
    if not findings:
        return unknown(_NONE, _REMEDY)
    scored = [one for one in findings if one.verdict is not Verdict.UNKNOWN]
    worst = merged(findings, "")
    if worst.verdict is not Verdict.PASS or len(findings) == 1:
        return worst
    said = " ".join(one.words for one in scored)
    return Finding(Verdict.PASS, said, "", tuple(place for one in scored for place in one.evidence))


def _findings(net: Net, rspamd_url: str, mail: Mail) -> Iterator[Finding]:
    if program := spamassassin.program():
        yield _one(lambda: spamassassin.score(program, mail.raw))
    if rspamd_url:
        yield _one(lambda: rspamd.score(net, rspamd_url, mail.raw))


def _one(ask: Callable[[], Score]) -> Finding:
    try:
        return judged(ask())
    except NoScore as error:
        return unknown(str(error), "Check again, or ask the operator.")
