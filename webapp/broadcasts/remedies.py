"""What to do about a mail that did not reach its recipient, in a sentence, for each reason there is."""

from webapp.broadcasts.reasons import KNOWN, OTHER, classify
from webapp.mail.models import OutboxMail
from webapp.mail.states import State

NOT_REACHED = (State.FAILED, State.UNKNOWN, State.SUPPRESSED, State.CANCELLED)
OF_STATES = {
    State.UNKNOWN: "Yours to decide: send it again, or leave it.",
    State.CANCELLED: "A person stopped it. Copy the message to write to them after all.",
    State.DEFERRED: "Nothing yet: it is tried again by itself.",
}
OF_REASONS = {
    "unsubscribed": "Nothing: they chose so. Mail about their account still comes.",
    "bounced": "Ask them or their manager for a new address.",
    "complained": "Don’t write news to them again; call them if it matters.",
    "blocked": "If that was a mistake, lift it under Suppressions.",
    "duplicate_address": "Nothing: the other affiliate with this address got it.",
    "missing_value": "Fill the value in on the affiliate’s page, then write to them in a new message.",
    "no_address": "Enter an address on the affiliate’s page.",
    "had_enough": "Wait a few days, or change the sending rules.",
}
BOUNCED = "It came back after it was accepted. Ask them or their manager for a new address."
_BY_TITLE = {known.title: known.remedy for known in KNOWN}


def of_reason(state: str, reason: str) -> str:
    """For many mails in this state; `reason` is that of a suppressed row, or the title of a failure."""
    if state == State.SUPPRESSED:
        return OF_REASONS.get(reason, "See Suppressions.")
    if state == State.FAILED:
        return _BY_TITLE.get(reason, OTHER.remedy)
    return OF_STATES.get(State(state), "")


def of_mail(mail: OutboxMail) -> str:
    """For one mail; "" for one that was accepted or still waits for its first try."""
    if mail.state == State.FAILED:
        return classify(mail.code, mail.detail).remedy
    return of_reason(mail.state, mail.reason)
