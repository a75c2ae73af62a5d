"""What happened on the way: encryption of the last hop, the delay, the envelope sender, the Message-ID, spam filters."""

import re
from datetime import timedelta

from webapp.domains.loop.arrived import Arrived
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unknown
from webapp.verdict import Verdict

SOON, SLOW = timedelta(minutes=2), timedelta(hours=1)
SKEW = timedelta(minutes=-2)
SPAM = ("x-spam-flag", "x-spam-status", "x-spam", "x-rspamd-action", "x-spam-action", "x-forefront-antispam-report",
        "x-ms-exchange-organization-scl", "x-spampanel-class", "x-gm-spam")  # fmt: skip
_BAD = re.compile(
    r"^\s*(yes\b|reject|add header|rewrite subject|spam\b)|\bSCL:\s*[5-9]|^\s*[5-9]\s*$", re.IGNORECASE
)
_OLD = ("TLS 1.0", "TLS 1.1")


def encryption(mail: Arrived) -> Finding:
    border = mail.trace.border
    if border is None:
        return unknown("No Received header tells how the receiver got the mail.")
    line = f"Received: {border.text}"
    if border.encrypted and border.tls in _OLD:
        return found(
            Verdict.WARN, f"The last hop spoke {border.tls}.", line, remedy="Let your server speak TLS 1.2."
        )
    if border.encrypted:
        return passed(f"The last hop was encrypted{f' with {border.tls}' if border.tls else ''}.", line)
    words = "The last hop was not encrypted; Gmail refuses such mail (5.7.29)."
    remedy = "Let the server that sends to the internet use TLS (in Postfix: smtp_tls_security_level = may)."
    return found(Verdict.FAIL, words, line, remedy=remedy)


def delay(mail: Arrived) -> Finding:
    border, sent = mail.trace.border, mail.sent
    if sent is None:
        return not_needed("The test was not sent from here, so its start is not known.")
    if border is None or border.at is None:
        return unknown("No Received header tells when the receiver got the mail.")
    took = border.at - sent.accepted_at.replace(microsecond=0)
    line = f"Accepted by the next server {sent.accepted_at:%H:%M:%S}, received {border.at:%H:%M:%S} UTC"
    if took < SKEW:
        return found(
            Verdict.WARN, "It arrived before it left: a clock is wrong.", line, remedy="Set both clocks."
        )
    words = f"It took {max(int(took.total_seconds()), 0)} seconds."
    if took <= SOON:
        return passed(words, line)
    remedy = "Look whether a server on the way lets strangers wait (greylisting), or has a long queue."
    return found(Verdict.WARN if took <= SLOW else Verdict.FAIL, words, line, remedy=remedy)


def envelope(mail: Arrived) -> Finding:
    line = f"Return-Path: {mail.first('Return-Path') or 'not there'}"
    if not mail.envelope:
        return unknown("No Return-Path tells the envelope sender.", line)
    if mail.sent is not None and mail.sent.is_ours(mail.envelope):
        return passed("It arrived as it left, so bounces come back.", line)
    domain = mail.envelope.rpartition("@")[2]
    if mail.near(domain):
        return passed(f"It lies below your own domain: {domain}.", line)
    words = f"A server on the way put {domain} in its place: bounces go there."
    remedy = "Set your own MAIL FROM domain at the provider, or have it report bounces by its notices."
    return found(Verdict.WARN, words, line, remedy=remedy)


def message_id(mail: Arrived) -> Finding:
    there = [one.raw.strip() for one in mail.mail.named("Message-ID")]
    lines = [f"Message-ID: {one[:300]}" for one in there[:3]]
    if len(there) != 1:
        words = "There is no Message-ID." if not there else f"There are {len(there)} Message-IDs."
        return found(
            Verdict.FAIL, words, *lines, remedy="Gmail refuses such mail. Find out which server does it."
        )
    if mail.sent is None:
        return passed("There is one.", *lines)
    if there[0] == mail.sent.message_id:
        return passed("It arrived as it left.", *lines)
    words = "A server on the way gave the mail a Message-ID of its own; answers and reports name that one."
    remedy = "Amazon SES does so always, and its notices name both. Elsewhere switch it off."
    return found(Verdict.WARN, words, *lines, f"It left as {mail.sent.message_id}", remedy=remedy)


def spam(mail: Arrived) -> Finding:
    seen = [one for one in mail.mail.fields if one.name.lower() in SPAM]
    lines = [f"{one.name}: {one.raw[:300]}" for one in seen[:10]]
    bad = [one for one in seen if _BAD.search(one.raw[:2_000])]
    if bad:
        words = f"A spam filter is against it: {bad[0].name}."
        return found(
            Verdict.FAIL, words, *lines, remedy="Read which of its rules hit, and use the mail check."
        )
    if seen:
        return passed("A spam filter looked at it and let it through.", *lines)
    return unknown("No spam filter left a header. Look whether it came to the inbox.")
