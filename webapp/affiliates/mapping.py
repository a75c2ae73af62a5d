"""Which column of a file is which field: guessed from the header, remembered for the next file with the same one."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from webapp.affiliates.details import FIELDS
from webapp.errors import Invalid
from webapp.settings.models import Setting

Mapped = dict[str, int]  # field → number of its column, from 0

LABELS = {
    "affiliate_id": "Affiliate ID",
    "email": "E-mail address",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "group": "Group",
    "manager_email": "Manager’s address",
    "status": "Status",
    "alt_id": "Alternative ID",
    "additional_data1": "Additional data 1",
    "additional_data2": "Additional data 2",
    "tags": "Tags",
    "country": "Country",
    "language": "Language",
    "user_name": "User name",
}
_ALIASES = {
    "affiliate_id": "affid id affiliateno affiliatenumber partnerid publisherid",
    "email": "emailaddress mail mailaddress contactemail",
    "first_name": "firstname givenname forename",
    "last_name": "surname familyname",
    "company": "companyname affiliatename organisation organization business",
    "group": "groups groupname affiliategroup",
    "manager_email": "manager accountmanager accountmanageremail affiliatemanager affiliatemanageremail managermail",
    "status": "affiliatestatus state",
    "alt_id": "alternativeid alternateid externalid",
    "additional_data1": "additionaldata",
    "tags": "tag labels",
    "country": "countrycode",
    "language": "lang locale",
    "user_name": "login loginname",
}
_WORDS = {field.replace("_", ""): field for field in FIELDS} | {
    word: field for field, words in _ALIASES.items() for word in words.split()
}


def guess(header: Sequence[str]) -> Mapped:
    """The columns that name themselves. An exact name wins over an alias, an earlier column over a later one."""
    found: Mapped = {}
    words = [re.sub(r"[\W_]+", "", cell).casefold() for cell in header]
    for exact in (True, False):
        for number, word in enumerate(words):
            field = _WORDS.get(word)
            if field and field not in found and (field.replace("_", "") == word) is exact:
                found[field] = number
    return found


def check(mapping: Mapping[str, int], header: Sequence[str]) -> Mapped:
    """The mapping, if it can be worked with; raises `Invalid` otherwise."""
    if "email" not in mapping:
        names = ", ".join(cell for cell in header if cell)[:200]
        words = f"No column holds the e-mail address; the file has {names}. Choose the column that does."
        raise Invalid({"email": words})
    taken: dict[int, str] = {}
    for field, number in mapping.items():
        if field not in FIELDS or not 0 <= number < len(header):
            raise Invalid({field: "The file has no such column. Choose again."})
        if number in taken:
            words = f"“{header[number]}” is already used for {LABELS[taken[number]]}. Use each column once."
            raise Invalid({field: words})
        taken[number] = field
    return dict(mapping)


def remembered(session: Session, header: Sequence[str]) -> Mapped | None:
    """What was chosen last time for a file with this header."""
    kept = session.get(Setting, _key(header))
    return json.loads(kept.value) if kept else None


def remember(session: Session, header: Sequence[str], mapping: Mapping[str, int]) -> None:
    """Keep a choice that differs from the guess."""
    kept = session.get(Setting, _key(header))
    if kept:
        kept.value = json.dumps(mapping)
    elif mapping != guess(header):
        session.add(Setting(key=_key(header), value=json.dumps(mapping)))
    session.flush()


def _key(header: Sequence[str]) -> str:
    words = "\x1f".join(cell.casefold() for cell in header)
    return f"import.columns.{hashlib.sha256(words.encode()).hexdigest()[:32]}"
