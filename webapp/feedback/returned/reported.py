"""Who was not reached, by a delivery report and the words around it."""

from collections.abc import Sequence

from webapp.feedback.returned import addresses, complaint, freeform, report, verdict
from webapp.feedback.returned.anatomy import Mail
from webapp.feedback.returned.reading import Recipient, brief

NEAR = 3  # places at which an address is looked at


def recipients(mail: Mail, blocks: Sequence[report.Block]) -> list[Recipient]:
    """Those that failed or are late, each once; of several names of one that which the mail was sent to."""
    about = [block for block in blocks if block.failed or block.delayed]
    meant = complaint.recipients_of(mail.enclosed)
    mentioned = freeform.mentions(mail.text) if about else []
    found: dict[str, Recipient] = {}
    for block in about:
        named = block.addresses
        address = next((one for one in named if addresses.among(one, meant)), named[0])
        near = [one.words for one in mentioned if addresses.among(one.address, named)][:NEAR]
        around = [*near, mail.text] if len(about) == 1 else near
        found.setdefault(address.lower(), _judged(address, block, around))
    return list(found.values())


def _judged(address: str, block: report.Block, around: Sequence[str]) -> Recipient:
    """By the report, and where that tells nothing by the words around it."""
    first = judged = verdict.judge(block.status, block.words, delayed=block.delayed)
    for text in around:
        if judged.told:
            break
        judged = verdict.judge(block.status, text, delayed=block.delayed)
    judged = judged if judged.told else first
    words = next((text for text in [block.words, *around] if text), "")
    return Recipient(address, judged.severity, judged.status, brief(words), judged.reason)
