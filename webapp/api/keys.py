"""Makes, finds and revokes the keys of other programs. A key is shown once, when it is made."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.api.models import ApiKey
from webapp.api.scopes import known
from webapp.db import utcnow
from webapp.errors import Invalid, NotFound
from webapp.imports.cleaning import Refusal, line

RIGHT = "manage_apis"
BEGINS = "opk_"
PREFIX_LENGTH = len(BEGINS) + 8
SECRET_BYTES = 32
MOST_NETWORKS = 50
_NOBODY = sha256(b"").hexdigest()


@dataclass(frozen=True)
class Wish:
    """What a key is to be, as somebody typed it: `expires` as YYYY-MM-DD or "", `networks` one a line."""

    name: str
    scopes: tuple[str, ...]
    expires: str = ""
    networks: str = ""


def make(session: Session, user: User, wish: Wish) -> tuple[ApiKey, str]:
    """A new key of this user, and the secret that is never seen again."""
    prefix = BEGINS + secrets.token_hex(4)
    secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey(user=user, prefix=prefix, digest=_digest(secret), **_checked(wish))
    session.add(key)
    session.flush()
    detail = {"prefix": prefix, "scopes": key.scopes, "networks": key.networks, "expires": wish.expires}
    audit.record(session, user, "api key made", key.name, **detail)
    return key, secret


def revoke(session: Session, user: User, key: ApiKey) -> None:
    """End a key, for good and at once."""
    if key.revoked_at is None:
        key.revoked_at = utcnow()
        audit.record(session, user, "api key revoked", key.name, prefix=key.prefix, owner=key.user.email)
    session.flush()


def get(session: Session, number: int) -> ApiKey:
    key = session.get(ApiKey, number)
    if key is None:
        raise NotFound("There is no such key. Open the list of keys and choose another.")
    return key


def find(session: Session, secret: str) -> ApiKey | None:
    """The key with its owner, whatever its state; compared in constant time once the public part has found its row."""
    query = select(ApiKey).where(ApiKey.prefix == secret[:PREFIX_LENGTH]).options(joinedload(ApiKey.user))
    key = session.scalar(query)
    same = hmac.compare_digest(_digest(secret), key.digest if key else _NOBODY)
    return key if same else None


def state(key: ApiKey, now: datetime | None = None) -> str:
    """active, revoked, expired, or disabled with its owner."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= (now or utcnow()):
        return "expired"
    return "active" if key.user.may(RIGHT) else "disabled"


def comes_from(key: ApiKey, remote: str) -> bool:
    """Whether requests of this key may come from there."""
    if not key.networks:
        return True
    try:
        found = ip_address(remote)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(network) for network in key.networks)


def listed(search: str = "", *, everything: bool = False) -> Select[ApiKey]:
    """The newest first; without `everything` only keys that are neither revoked nor expired."""
    query = select(ApiKey).join(ApiKey.user).options(joinedload(ApiKey.user)).order_by(ApiKey.id.desc())
    if search:
        fields = (ApiKey.name, ApiKey.prefix, User.email, User.first_name, User.last_name)
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    if everything:
        return query
    lasting = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > utcnow())
    return query.where(ApiKey.revoked_at.is_(None), lasting)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _checked(wish: Wish) -> Mapping[str, object]:
    found: dict[str, object] = {}
    problems: dict[str, str] = {}
    for field, check in (("name", _name), ("scopes", _scopes), ("expires", _end), ("networks", _networks)):
        try:
            found[field] = check(wish)
        except Refusal as error:
            problems[field] = str(error)
        except Invalid as error:
            problems |= error.problems
    if problems:
        raise Invalid(problems)
    return {"expires_at": found.pop("expires"), **found}


def _name(wish: Wish) -> str:
    name = line(wish.name, most=100, what="name")
    if not name:
        raise Refusal("Say which program the key is for, like “Tracking platform”.")
    return name


def _scopes(wish: Wish) -> list[str]:
    return known(wish.scopes)


def _end(wish: Wish) -> datetime | None:
    if not wish.expires.strip():
        return None
    try:
        last = date.fromisoformat(wish.expires.strip())
    except ValueError:
        raise Refusal("This is no day. Write it as YYYY-MM-DD, like 2027-01-31, or leave it empty.") from None
    if not utcnow().date() <= last < date(9999, 12, 31):
        raise Refusal("This day is over. Choose a later one, or leave it empty.")
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def _networks(wish: Wish) -> list[str]:
    found = []
    for told in wish.networks.replace(",", "\n").split():
        try:
            found.append(str(ip_network(told, strict=False)))
        except ValueError:
            words = f"“{told[:60]}” is no network. Write one a line, like 203.0.113.0/24 or 2001:db8::/32."
            raise Refusal(words) from None
    if len(found) > MOST_NETWORKS:
        raise Refusal(f"That are {len(found)} networks. Name {MOST_NETWORKS} at most.")
    return list(dict.fromkeys(found))
