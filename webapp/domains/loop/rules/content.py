"""Whether the text arrived as it left, and whether one click still unsubscribes."""

import re

from webapp.domains.loop.arrived import Arrived
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unknown
from webapp.mail.dkim.canonical import relaxed_body
from webapp.mail.mime import take_apart
from webapp.verdict import Verdict

SHOWN = 5
_LINK = re.compile(r"""https?://[^\s"'<>]{1,500}""", re.IGNORECASE)
BOTH = {"list-unsubscribe", "list-unsubscribe-post"}


def text(mail: Arrived) -> Finding:
    """Rewritten links, added footers and new encodings: each of them breaks a signature."""
    if mail.sent is None:
        return not_needed("The test was not sent from here, so there is nothing to compare with.")
    if not mail.whole:
        return unknown("Only the header is there. Paste the whole source to have the text compared.")
    left = mail.sent.raw
    if relaxed_body(left.partition(b"\r\n\r\n")[2]) == relaxed_body(mail.body):
        return passed("Every byte arrived as it left.")
    before, after = _texts(left), _texts(mail.raw)
    links = _new(_LINK.findall("\n".join(after)), _LINK.findall("\n".join(before)))
    if links:
        words = "A server on the way wrote links anew, or added some."
        remedy = "Switch its click tracking off; Offerpost counts clicks by itself, on your own host."
        return found(Verdict.FAIL, words, *links, remedy=remedy)
    lines = _new(_lines(after), _lines(before))
    gone = _new(_lines(before), _lines(after))
    if lines or gone:
        words = "A server on the way added or changed text, such as a footer."
        shown = [f"+ {one}" for one in lines] + [f"- {one}" for one in gone]
        return found(Verdict.FAIL, words, *shown, remedy="Switch its footer or disclaimer off for this mail.")
    if not mail.exact:
        return passed("The text is the same; only its line ends differ, which pasting does.")
    words = "The text is the same, but was encoded anew on the way, which breaks signatures."
    return found(Verdict.WARN, words, remedy="Let the server pass mail on as it is (8BITMIME).")


def _texts(raw: bytes) -> list[str]:
    return [part.text for part in take_apart(raw)[1] if part.type.startswith("text/") and not part.original]


def _lines(texts: list[str]) -> list[str]:
    return [line.strip() for one in texts for line in one.split("\n") if line.strip()]


def _new(one: list[str], other: list[str]) -> list[str]:
    known = set(other)
    return [text[:300] for text in dict.fromkeys(one) if text not in known][:SHOWN]


def one_click(mail: Arrived) -> Finding:
    """RFC 8058: one https address, the word for one click, both covered by a signature that verifies."""
    listed, post = mail.first("List-Unsubscribe"), mail.first("List-Unsubscribe-Post")
    announces = mail.sent.announces if mail.sent else bool(listed or post)
    if not announces and not listed:
        return not_needed("The mail is account mail, which nobody can leave. Test as an announcement, too.")
    faults = []
    if len(re.findall(r"<https://[^>\s]{1,500}>", listed)) != 1:
        faults.append("List-Unsubscribe does not have one https address.")
    if "".join(post.split()).lower() != "list-unsubscribe=one-click":
        faults.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing.")
    covering = [one for one in mail.verified if set(one.signed) >= BOTH]
    if not covering:
        faults.append("The signature does not cover both headers (RFC 8058 §4).")
    lines = [f"List-Unsubscribe: {listed or 'not there'}", f"List-Unsubscribe-Post: {post or 'not there'}"]
    if faults:
        remedy = "Set a public address by https, and find out which server takes the headers out."
        return found(Verdict.FAIL, " ".join(faults), *lines, remedy=remedy)
    return passed("One click unsubscribes, and the signature covers it.", *lines)
