"""Tax forms: taken in when they are what they say, kept sealed, given out to those who may see them, gone with the person.

They lie in the database and not in a folder: so no web server can ever serve one, a backup has them, any number of web
servers see the same ones, and the row of a person who is erased takes the file along in the same transaction.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.affiliates.tax_models import TaxForm
from webapp.db import utcnow
from webapp.errors import Invalid, NotFound
from webapp.vault import Vault

LARGEST = 5 * 1024 * 1024
ELSEWHERE = "elsewhere"
ENDS = 2048  # bytes at the end in which a whole file says that it ends
KINDS = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
_MARKS = {
    "pdf": (b"%PDF-", b"%%EOF"),
    "jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
    "png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
}


@dataclass(frozen=True)
class File:
    """What is given out: a name of our own making, never the one that came."""

    name: str
    content: bytes


def of(session: Session, affiliate: Affiliate) -> TaxForm | None:
    """The form of an affiliate, if there is one."""
    return session.get(TaxForm, affiliate.id)


def hand_in(session: Session, vault: Vault, affiliate: Affiliate, content: bytes) -> TaxForm:
    """Keep a file in the place of an older one; `Invalid` for `file` says why it can't be taken."""
    kind = kind_of(content)
    sealed = vault.seal(content, row=row_of(affiliate.id))
    found = _put(session, affiliate, kind, len(content), sealed)
    who = f"affiliate {affiliate.affiliate_id or f'#{affiliate.id}'}"
    audit.record(session, who, "tax form handed in", affiliate.name, kind=kind, size=len(content))
    return found


def note_received(session: Session, user: User, affiliate: Affiliate) -> None:
    """It came in another way: on paper, or through the network's own form."""
    _put(session, affiliate, ELSEWHERE, 0, None)
    audit.record(session, user, "tax form noted", affiliate.name)


def take_out(session: Session, vault: Vault, user: User, affiliate: Affiliate) -> File:
    """The file for somebody who may see it; that he took it is written down."""
    form = session.get(TaxForm, affiliate.id, options=[undefer(TaxForm.sealed)])
    if form is None or form.sealed is None:
        raise NotFound("There is no file of a tax form here (any more).")
    audit.record(session, user, "tax form downloaded", affiliate.name)
    content = vault.unseal(form.sealed, row=row_of(affiliate.id))
    return File(f"tax-form-{affiliate.id}.{form.kind}", content)


def remove(session: Session, user: User, affiliate: Affiliate) -> None:
    """Away with it, so that another one is asked for."""
    form = of(session, affiliate)
    if form is not None:
        session.delete(form)
        affiliate.tax_form_on = ""
        session.flush()
        audit.record(session, user, "tax form removed", affiliate.name)


def kind_of(content: bytes) -> str:
    """What a file is by its own bytes, whatever its name says: both its beginning and its end must fit."""
    if not content:
        raise Invalid({"file": "The file is empty. Choose it again."})
    if len(content) > LARGEST:
        raise Invalid(
            {"file": f"The file is larger than {LARGEST >> 20} MB. Scan it with fewer dots an inch."}
        )
    for kind, (begins, ends) in _MARKS.items():
        if content.startswith(begins):
            if ends not in content[-ENDS:]:
                raise Invalid(
                    {"file": "The file is cut off: its end is missing. Save it again and send that."}
                )
            return kind
    raise Invalid({"file": "This is neither a PDF nor a JPEG or PNG picture. Save the form as one of these."})


def seal_again(session: Session, fresh: Vault) -> int:
    """Seal every file with the newest key, one after the other, for each may have some megabytes; how many there are."""
    numbers = session.scalars(select(TaxForm.affiliate_id).where(TaxForm.sealed.is_not(None))).all()
    for number in numbers:
        form = session.get_one(TaxForm, number, options=[undefer(TaxForm.sealed)])
        form.sealed = fresh.seal(fresh.unseal(form.sealed or b"", row=row_of(number)), row=row_of(number))
        session.flush()
        session.expunge(form)
    return len(numbers)


def row_of(affiliate_id: int) -> str:
    """The name under which the vault seals a form."""
    return f"tax_form:{affiliate_id}"


def _put(session: Session, affiliate: Affiliate, kind: str, size: int, sealed: bytes | None) -> TaxForm:
    form = TaxForm(affiliate_id=affiliate.id, kind=kind, size=size, sealed=sealed, at=utcnow())
    merged = session.merge(form)
    affiliate.tax_form_on = utcnow().date().isoformat()  # no reminder goes out any more
    session.flush()
    return merged
