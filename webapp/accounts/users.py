"""What may be done to users. Each change writes its line of the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import links, passwords, rights, throttle
from webapp.accounts.audit import record
from webapp.accounts.models import OneTimeLink, User
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.outbox import control

Actor = User | str | None


@dataclass(frozen=True)
class Profile:
    """What the pages and the command line may set; nothing else of a request reaches a user."""

    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    im: str = ""
    picture: str = ""
    preset: str = "other"
    rights: tuple[str, ...] = ()


def get(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("This user isn’t there. Open the list of users and choose another.")
    return user


def by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def add(session: Session, actor: Actor, profile: Profile) -> User:
    """A new user without a password; give him a link to set one."""
    user = User(generation=1)
    _fill(session, user, profile)
    session.add(user)
    session.flush()
    record(session, actor, "user added", user.email, rights=user.rights, preset=user.preset)
    return user


def change(session: Session, actor: Actor, user: User, profile: Profile) -> None:
    """Set everything of `profile`. Rights count from the user's next click."""
    before, was = list(user.rights), user.email
    _keep_a_holder(session, user, profile.rights)
    _fill(session, user, profile)
    session.flush()
    if was != user.email:
        links.end_all(session, user)
    record(session, actor, "user changed", user.email, **({"was": was} if was != user.email else {}))
    if before != user.rights:
        added, taken = sorted(set(user.rights) - set(before)), sorted(set(before) - set(user.rights))
        record(session, actor, "rights changed", user.email, added=added, taken=taken)
        if _sends_less(user, taken):
            _hold(session, user, f"{user.name}, who started it, may no longer write to all of its audience.")


def change_own(session: Session, user: User, first_name: str, last_name: str, theme: str) -> None:
    """What everybody may change about himself."""
    user.first_name, user.last_name = first_name[:100], last_name[:100]
    user.theme = theme if theme in ("light", "dark") else ""
    session.flush()


def disable(session: Session, actor: Actor, user: User) -> None:
    """Ends every session and link of the user at once. Nothing that he did is removed."""
    _keep_a_holder(session, user, ())
    user.disabled_at = user.disabled_at or utcnow()
    _end_sessions(user)
    links.end_all(session, user)
    record(session, actor, "user disabled", user.email)
    session.flush()
    _hold(session, user, f"The account of {user.name}, who started it, was disabled.")


def enable(session: Session, actor: Actor, user: User) -> None:
    user.disabled_at = None
    record(session, actor, "user enabled", user.email)
    session.flush()


def set_password(session: Session, user: User, hashed: str, action: str = "password set") -> None:
    """Store a password that was checked and hashed. Ends every session and link of the user."""
    user.password_hash = hashed
    _end_sessions(user)
    links.end_all(session, user)
    throttle.forgive(session, throttle.account(user.email))
    record(session, user, action, user.email)
    session.flush()


def sign_out_everywhere(session: Session, user: User) -> None:
    _end_sessions(user)
    record(session, user, "signed out everywhere", user.email)
    session.flush()


def first_administrator(session: Session, link: OneTimeLink, profile: Profile, hashed: str) -> User:
    """The first user, by the set-up link. Uses it up."""
    links.use(session, link)
    if links.any_user(session):
        raise Conflict("There is an administrator already. Sign in, or ask him to invite you.")
    user = add(session, "set-up", profile)
    set_password(session, user, hashed, "administrator set up")
    user.last_seen_at = utcnow()
    return user


def check_password(password: str, profile: Profile | User) -> None:
    """`Invalid` for a password that is too weak for this person."""
    reason = passwords.problem(password, (profile.email, profile.first_name, profile.last_name))
    if reason:
        raise Invalid({"password": reason})


def clean_email(session: Session, email: str, user: User | None = None) -> str:
    """The address in lower case, if it is one and free; `Invalid` otherwise."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        words = f"“{email}” is no e-mail address. Write it like mara@example.com. {error}"
        raise Invalid({"email": words}) from error
    address = checked.normalized.lower()
    other = by_email(session, address)
    if other is not None and other is not user:
        raise Invalid({"email": f"{address} belongs to {other.name} already. Change that user instead."})
    return address


def holders(session: Session, right: str = "manage_users") -> list[User]:
    """Users who hold a right and can sign in with it."""
    usable = select(User).where(User.disabled_at.is_(None), User.password_hash.is_not(None))
    return [user for user in session.scalars(usable.order_by(User.id)) if user.may(right)]


def _fill(session: Session, user: User, profile: Profile) -> None:
    email, held = clean_email(session, profile.email, user), rights.known(profile.rights)
    # Nothing is touched before everything is checked: a refused form must not be saved by half.
    user.email, user.rights = email, held
    user.first_name, user.last_name = profile.first_name[:100], profile.last_name[:100]
    user.phone, user.im = profile.phone[:50], profile.im[:100]
    user.picture = profile.picture[:500]
    user.preset = profile.preset if profile.preset in rights.PRESETS else "other"


def _sends_less(user: User, taken: Iterable[str]) -> bool:
    lost = {"send_to_all", "send_to_own_affiliates"} & set(taken)
    return bool(lost) and not user.may("send_to_all")


def _hold(session: Session, user: User, why: str) -> None:
    """What somebody started waits for a decision once he may not send any more: his account may be in wrong hands."""
    control.pause_all_of(session, user.id, f"{why} Resume it if the rest shall go out, or cancel it.")


def _keep_a_holder(session: Session, user: User, future: Iterable[str]) -> None:
    if not user.may("manage_users") or "manage_users" in future:
        return
    # Locked on PostgreSQL, so that two people can't take it from each other in the same moment.
    session.execute(select(User.id).order_by(User.id).with_for_update()).all()
    if all(holder is user for holder in holders(session)):
        raise Invalid(
            {
                "rights": f"{user.name} is the last who may manage users. "
                "Give that right to somebody else first, who has signed in once."
            }
        )


def _end_sessions(user: User) -> None:
    user.generation += 1
