"""What the mail servers of the world say, sorted by what it means.

One file a meaning, one wording a line, all lower case, blanks single, the order free; a line that is set in goes on with
the one before. One more wording: put it into the table of its meaning. Words that could also stand in a harmless
explanation do not belong here.
"""

import re
from re import Pattern

from webapp.feedback.returned.wording import absent, full, passing, refused


def _table(*texts: str) -> Pattern[str]:
    return re.compile(
        "|".join(line for text in texts for line in text.strip().replace("\n    ", "").splitlines())
    )


is_full = _table(full.ENGLISH, full.OTHERS).search
never_hard = _table(full.ENGLISH, full.OTHERS, passing.UNSURE).search
is_refusal = _table(
    refused.LATER,
    refused.REPUTATION,
    refused.CONTENT,
    refused.RELAY,
    refused.RATE,
    refused.SENDER,
    refused.HOST,
    refused.POLICY,
    refused.OTHERS,
).search
no_such_address = _table(absent.PERSON, absent.GONE, absent.DOMAIN, absent.OTHERS).search
is_asleep = _table(passing.ASLEEP).search
not_now = _table(passing.SERVER, passing.TIME, passing.MESSAGE).search
is_warning = _table(passing.WARNING).search
