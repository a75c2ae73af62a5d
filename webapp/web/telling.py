"""Before a change is saved, a form says who will get which mail; a tick saves it silently.

The change is rehearsed first. If it would mail somebody whom the person has not seen yet, nothing is saved and the view draws its
form once more with what `tell_first` gives back (`components/telling.html`), or `page` for a change without a form; the next
press saves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from flask import render_template, request
from flask_login import current_user

from webapp.announce import Announced, Expected, Note, expected, rehearsal, silently, told
from webapp.errors import Invalid
from webapp.web.session import db

LONGEST_REASON = 500


@dataclass(frozen=True)
class Telling:
    """What the form shows: the mails, and what stands in the fields that go into them."""

    mails: Sequence[Expected]
    note: Note
    seen: str

    @property
    def total(self) -> int:
        return sum(each.count for each in self.mails)

    @property
    def waits(self) -> bool:
        """Whether a second person has to approve one of them first."""
        return any(each.waits for each in self.mails)

    def says(self, *events: str) -> bool:
        """Whether one of these events is among the mails."""
        return any(each.event in events for each in self.mails)


def note() -> Note:
    """The reason and the day that the person typed; `Invalid` for `tell_from` or `tell_reason`."""
    typed, reason = request.form.get("tell_from", "").strip(), request.form.get("tell_reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid({"tell_reason": f"The reason is longer than {LONGEST_REASON} characters. Shorten it."})
    try:
        return Note(" ".join(reason.split()), date.fromisoformat(typed) if typed else None)
    except ValueError:
        words = f"“{typed[:20]}” is no day. Write it as YYYY-MM-DD, like 2027-01-31."
        raise Invalid({"tell_from": words}) from None


def tell_first(change: Callable[[], object]) -> Telling | None:
    """Do the change, or say whom it would mail and change nothing. None: it was done."""
    session = db()
    if request.form.get("silent"):
        with silently(session):
            change()
        return None
    with rehearsal(session) as heard:
        change()
        # Asked before it is undone: whoever only this change makes an affiliate counts, too.
        mails = [each for each in expected(session, heard, current_user) if each.count and not each.off]
    seen = sha256(repr([(each.event, each.count, each.names) for each in mails]).encode()).hexdigest()[:16]
    if mails and request.form.get("seen") != seen:
        return Telling(_merged(mails), note(), seen)
    change()
    return None


def page(
    asking: Telling,
    *,
    heading: str,
    label: str,
    here: str,
    back: str,
    fields: Sequence[tuple[str, str]] = (),
    everybody: str = "",
) -> str:
    """The page for a change by one button: who hears of it, and the button once more, with the same fields.

    `here` is the entry of the rail, `back` where somebody goes who thinks better of it, `everybody` a list of all who hear.
    """
    return render_template(
        "layouts/confirm.html",
        telling=asking,
        heading=heading,
        label=label,
        here=here,
        back=back,
        fields=fields,
        everybody=everybody,
        action=request.path,
    )


def outcome() -> str:
    """What the change of this request mailed, as a sentence for a flash."""
    every = told(db())
    if not every:
        return "Nothing was mailed."
    return " ".join(dict.fromkeys(str(each) for each in _summed(every)))


def _summed(every: Sequence[Announced]) -> list[Announced]:
    """One for each template: many requests are approved by one press."""
    found: dict[tuple[str, str], Announced] = {}
    for each in every:
        key = (each.template, each.held)
        before = found.get(key)
        found[key] = each if before is None else each.and_(before)
    return list(found.values())


def _merged(mails: Sequence[Expected]) -> list[Expected]:
    found: dict[str, Expected] = {}
    for each in mails:
        found[each.event] = found[each.event].and_(each) if each.event in found else each
    return list(found.values())
