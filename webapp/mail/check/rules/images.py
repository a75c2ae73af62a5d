"""M12: images with words beside them, https addresses and alternative texts."""

from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

FEW = 20  # words beside images, without which the mail is nothing but images
EACH = 12  # words an image


@rule("M12", "Images", "Each has an alternative text, and there are words beside them.")
def images(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    """A mail of images alone costs 7 points at SpamAssassin and 5 at rspamd, and says nothing while images are blocked."""
    shown = [one for one in mail.shown.images if not one.dot]
    if not mail.shown.images:
        yield not_needed("There are no images.")
        return
    words = len(mail.shown.words.split())
    if shown and words < FEW:
        yield fails(f"There are {words} words beside the images.", "Write as text what matters.")
    elif words < EACH * len(shown):
        yield warns(f"There are {len(shown)} images and only {words} words.", "Use fewer images.")
    for one in shown:
        at = seen("HTML", one.line, one.src)
        if one.alt is None:
            yield warns(
                "An image has no alternative text.", "Say in alt what it shows; empty for decoration.", at
            )
        if not one.src.lower().startswith(("https://", "cid:")):
            yield warns(
                "An image is not loaded by https, so many mail programs don’t show it.", "Use https.", at
            )
