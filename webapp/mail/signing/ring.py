"""The keys that sign just now: read and opened by the sender parent, which hands them to its children."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail.dkim.signers import PlainKeys
from webapp.mail.models import DkimKey
from webapp.mail.signing.keys import KeyState, row_name
from webapp.vault import Vault, VaultError


class KeyRing:
    """In the parent. Opened keys are kept until the table says something else."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen: dict[str, str] = {}

    def keys(self, session: Session) -> PlainKeys:
        """Every active key."""
        rows = session.scalars(
            select(DkimKey).where(DkimKey.state == KeyState.ACTIVE.value).order_by(DkimKey.id)
        )
        return tuple([(key.domain, key.selector, self._opened(key)) for key in rows])

    def _opened(self, key: DkimKey) -> str:
        if key.sealed not in self._seen:
            try:
                self._seen[key.sealed] = self._vault.decrypt(key.sealed, row=row_name(key))
            except VaultError:
                return ""
        return self._seen[key.sealed]
