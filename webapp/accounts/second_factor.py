"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for the day on which the app is lost.

A code is taken once, ten of them are refused before anybody waits for long, and every change ends all sessions of the user.
"""

import time
from hashlib import sha256
from secrets import randbelow

from pyotp import TOTP, random_base32
from pyotp.utils import strings_equal
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.accounts import throttle
from webapp.accounts.audit import record
from webapp.accounts.models import RecoveryCode, SecondFactor, User
from webapp.accounts.ports import setting
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid
from webapp.vault import Vault

REQUIRED = "required"  # the value of the setting `second_factor`
SECONDS = 30
DRIFT = 1  # steps that a clock may be early or late
CODES = 10
DIGITS = 16
WRONG = "This is not the present code. Wait for the next one, see that the clock of your phone is right, and type it."


def of(session: Session, user: User) -> SecondFactor | None:
    """What the user has set up and confirmed."""
    found = session.get(SecondFactor, user.id)
    return found if found is not None and found.confirmed_at is not None else None


def begun(session: Session, user: User) -> SecondFactor | None:
    """What the user has begun to set up."""
    found = session.get(SecondFactor, user.id)
    return found if found is not None and found.confirmed_at is None else None


def is_required(session: Session) -> bool:
    """Whether everybody who holds a right has to have one."""
    return setting(session, "second_factor") == REQUIRED


def count_without(session: Session) -> int:
    """How many people hold a right, may sign in and have no second factor."""
    confirmed = select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))
    query = select(User).where(User.disabled_at.is_(None), User.id.not_in(confirmed))
    return sum(bool(user.rights) for user in session.scalars(query))


def is_due(session: Session, user: User) -> bool:
    """Whether this user has to set one up before anything else."""
    return bool(user.rights) and is_required(session) and of(session, user) is None


def begin(session: Session, vault: Vault, user: User) -> None:
    """Make a new secret, which counts once a code of it was typed."""
    if of(session, user) is not None:
        raise Conflict("You have a second factor already. Remove it first to set up another.")
    sealed = vault.encrypt(random_base32(), row=_row(user.id))
    session.merge(SecondFactor(user_id=user.id, sealed=sealed, last_step=0, created_at=utcnow()))
    session.flush()


def secret(vault: Vault, factor: SecondFactor) -> str:
    """What is typed into the app where no picture can be taken. Shown only while it is being set up."""
    return vault.decrypt(factor.sealed, row=_row(factor.user_id))


def address(vault: Vault, factor: SecondFactor, user: User, issuer: str) -> str:
    """The `otpauth://` address for the picture."""
    return TOTP(secret(vault, factor)).provisioning_uri(name=user.email, issuer_name=issuer)


def confirm(session: Session, vault: Vault, user: User, typed: str) -> list[str]:
    """Take the first code; the recovery codes, which can't be read again. Ends every session of the user."""
    factor = begun(session, user)
    if factor is None:
        raise Conflict("There is nothing to confirm. Begin once more.")
    _slow_down(session, user, "")
    if not _takes(session, vault, factor, typed):
        raise Invalid({"code": WRONG})
    factor.confirmed_at = utcnow()
    throttle.forgive(session, _subject(user))
    record(session, user, "second factor set up", user.email)
    _end_sessions(session, user)
    return new_codes(session, user)


def new_codes(session: Session, user: User) -> list[str]:
    """Fresh recovery codes in the place of the old ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [f"{randbelow(10**DIGITS):0{DIGITS}d}" for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_hashed(user.id, code)) for code in codes)
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, DIGITS, 4)) for code in codes]


def codes_left(session: Session, user: User) -> int:
    return session.scalar(select(func.count()).where(RecoveryCode.user_id == user.id)) or 0


def prove(session: Session, vault: Vault, user: User, typed: str, remote: str = "") -> None:
    """Take a code of the app or a recovery code, each once; `Invalid` for `code` otherwise, and when it is too early."""
    factor = of(session, user)
    if factor is None:
        raise Conflict("The second factor was removed meanwhile. Sign in once more.")
    _slow_down(session, user, remote)
    if _takes(session, vault, factor, typed):
        pass
    elif _takes_recovery(session, user, typed):
        record(session, user, "recovery code used", user.email, left=codes_left(session, user))
    else:
        record(session, None, "second factor refused", user.email, address=remote)
        raise Invalid({"code": WRONG})
    throttle.forgive(session, _subject(user), *([_source(remote)] if remote else []))


def remove(session: Session, actor: User | str, user: User) -> bool:
    """Take it away and end every session of the user; False if there was none."""
    gone = session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if not gone.rowcount:  # type: ignore[attr-defined]
        return False
    record(session, actor, "second factor removed", user.email)
    _end_sessions(session, user)
    return True


def seal_again(session: Session, fresh: Vault) -> int:
    """Seal every secret with the newest key; how many there are."""
    factors = session.scalars(select(SecondFactor)).all()
    for factor in factors:
        factor.sealed = fresh.encrypt(secret(fresh, factor), row=_row(factor.user_id))
    return len(factors)


def _takes(session: Session, vault: Vault, factor: SecondFactor, typed: str) -> bool:
    """Whether it is a code of now that was not taken before. Of two who type the same at the same time, one is let in."""
    code, codes = "".join(typed.split()), TOTP(secret(vault, factor))
    now = int(time.time()) // SECONDS
    for step in range(now - DRIFT, now + DRIFT + 1):
        if strings_equal(codes.generate_otp(step), code):
            newer = update(SecondFactor).where(
                SecondFactor.user_id == factor.user_id, SecondFactor.last_step < step
            )
            return bool(session.execute(newer.values(last_step=step)).rowcount)  # type: ignore[attr-defined]
    return False


def _takes_recovery(session: Session, user: User, typed: str) -> bool:
    code = "".join(character for character in typed if character.isdecimal())
    spent = delete(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hashed(user.id, code)
    )
    return len(code) == DIGITS and bool(session.execute(spent).rowcount)  # type: ignore[attr-defined]


def _slow_down(session: Session, user: User, remote: str) -> None:
    wait = throttle.take(session, _subject(user), *([_source(remote)] if remote else []))
    if wait:
        raise Invalid({"code": throttle.sentence(wait)})


def _subject(user: User) -> throttle.Subject:
    return throttle.account(user.email, "code-account")


def _source(remote: str) -> throttle.Subject:
    return throttle.address(remote, "code-address")


def _end_sessions(session: Session, user: User) -> None:
    user.generation += 1
    session.flush()


def _hashed(user_id: int, code: str) -> str:
    return sha256(f"{user_id}:{code}".encode()).hexdigest()


def _row(user_id: int) -> str:
    return f"second_factor:{user_id}"
