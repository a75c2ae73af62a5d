"""All rules that ask somebody else, at the same time."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from transports.net import Net
from webapp.mail.check import Checked, Finding, Mail, Rule
from webapp.mail.check.checking import LAST_RESORT, severity
from webapp.mail.check.finding import unknown
from webapp.mailcheck.outside import hosts, one_click, scorers

log = logging.getLogger("offerpost.mailcheck")


def _titled(number: str, title: str) -> Rule:
    return Rule(number, title, "", lambda _mail, _about: iter(()))


CLICK, HOSTS, FILTERS = (
    _titled("M06", "One click works"),
    _titled("M13", "Hosts of links"),
    _titled("M16", "Spam filters"),
)


def ask(
    net: Net, mails: Sequence[bytes], *, resolver: tuple[str, int] | None, rspamd_url: str, ours: bool = True
) -> list[Checked]:
    """What others say, worst first. `ours`: the first mail carries a throw-away link that may be posted.

    The filters score the longest of the mails.
    """
    read = [Mail(one) for one in mails]
    longest = max(read, key=lambda one: len(one.raw))
    asked: list[tuple[Rule, Callable[[], Finding]]] = [
        (HOSTS, lambda: hosts.exist(resolver, read)),
        (FILTERS, lambda: scorers.score(net, rspamd_url, longest)),
    ]
    if ours:
        asked.append((CLICK, lambda: one_click.works(net, read[0])))
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = [(rule, pool.submit(_safely, rule, question)) for rule, question in asked]
        return sorted((Checked(rule, answer.result()) for rule, answer in answers), key=severity)


def _safely(rule: Rule, question: Callable[[], Finding]) -> Finding:
    try:
        return question()
    except Exception:
        log.exception("rule %s failed", rule.id)
        return unknown(LAST_RESORT)
