"""M14: text that nobody sees. One hidden first line is usual; more is what spam does."""

from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.colours import contrast
from webapp.mail.check.finding import Finding, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.shown import Run
from webapp.mail.check.table import rule

PREHEADER = 250
READABLE = 2.0
SMALL = 9


@rule("M14", "Hidden text", "Nothing is hidden but the first line for inboxes.")
def hidden(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    """Gmail asks that HTML hides nothing."""
    runs = [run for run in mail.shown.runs if run.text.strip()]
    if not runs:
        yield not_needed("There is no HTML text.")
        return
    first = next((at for at, run in enumerate(runs) if not run.look.unseen), len(runs))
    if sum(len(run.text) for run in runs[:first]) > PREHEADER:
        words = f"The hidden first line has more than {PREHEADER} characters."
        yield warns(words, "Shorten the preheader.", seen("HTML", runs[0].line, runs[0].text))
    for run in runs[first:]:
        if why := run.look.unseen:
            at = seen("HTML", run.line, run.text)
            yield warns(
                f"Text is hidden ({why}), which filters take for spam.", "Take it out or show it.", at
            )
        elif why := _hard_to_read(run):
            yield warns(why, "Choose a larger font or a stronger colour.", seen("HTML", run.line, run.text))


def _hard_to_read(run: Run) -> str:
    if run.look.size < SMALL:
        return f"Text is only {run.look.size:g} pixels high."
    if run.look.ink and contrast(run.look.ink, run.look.ground) < READABLE:
        return "Text hardly differs from its ground."
    return ""
