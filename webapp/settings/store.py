"""The network's settings: who it is, where it is reached. Typed, checked, one row a key."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.errors import Invalid
from webapp.settings import checks
from webapp.settings.models import Setting


@dataclass(frozen=True)
class Identity:
    """Who the network is, how long it keeps what happened, and the rules of sending. A text is empty until it is set."""

    network_name: str = ""
    postal_address: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    public_url: str = ""
    tracking_url: str = ""
    bounce_address: str = ""
    rspamd_url: str = ""
    timezone: str = "UTC"
    keep_attempts_days: str = ""
    keep_mails_days: str = ""
    keep_audit_days: str = ""
    keep_denied_days: str = "180"
    keep_returned_days: str = ""
    portal: str = "on"
    portal_name: str = ""
    portal_welcome: str = ""
    tax_form: str = "off"
    tax_form_url: str = ""
    approve_above: str = ""
    most_announcements: str = ""
    announcement_days: str = ""
    ending_days: str = "7"
    tax_reminder_days: str = ""
    cap_percent: str = "80"
    second_factor: str = "optional"
    applications: str = "off"
    applications_welcome: str = ""
    applications_terms_url: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def portal_open(self) -> bool:
        """Whether affiliates have a page of their own."""
        return self.portal == "on"

    @property
    def portal_title(self) -> str:
        """What that page is called."""
        return self.portal_name or self.network_name

    @property
    def sender_name(self) -> str:
        """What stands beside the from address: the from name, or else the network's."""
        return self.from_name or self.network_name


KEYS = tuple(field.name for field in fields(Identity))

CHECKS: dict[str, checks.Check] = {
    "network_name": checks.header_text,
    "postal_address": checks.plain_text,
    "from_name": checks.header_text,
    "from_address": checks.address,
    "reply_to": checks.address,
    "public_url": checks.origin,
    "tracking_url": checks.origin,
    "bounce_address": checks.address,
    "rspamd_url": checks.origin,
    "timezone": checks.timezone,
    "keep_attempts_days": checks.days(1),
    "keep_mails_days": checks.days(90),  # so long the links to unsubscribe must work at least
    "keep_audit_days": checks.days(30),
    "keep_returned_days": checks.days(30),  # so long a mailbox that is read anew brings nothing twice
    "keep_denied_days": checks.days(1, "for 180 days"),
    "portal": checks.one_of("on", "off"),
    "portal_name": checks.header_text,
    "portal_welcome": checks.lines(2_000),
    "tax_form": checks.one_of("off", "upload", "link"),
    "tax_form_url": checks.web_page,
    "approve_above": checks.count(1, 10_000_000),
    "most_announcements": checks.count(1, 1_000),
    "announcement_days": checks.count(1, 365),
    "ending_days": checks.count(0, 90),
    "tax_reminder_days": checks.count(7, 365),
    "cap_percent": checks.count(1, 99),
    "second_factor": checks.one_of("optional", "required"),
    "applications": checks.one_of("on", "off"),
    "applications_welcome": checks.lines(2_000),
    "applications_terms_url": checks.web_page,
}


def identity(session: Session) -> Identity:
    """Every setting at once."""
    rows = session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(KEYS)))
    return Identity(**{key: value for key, value in rows if value})


def get(session: Session, key: str) -> str:
    """One setting, or its default. `KeyError` for a key that does not exist."""
    if key not in KEYS:
        raise KeyError(key)
    return str(getattr(identity(session), key))


def put(session: Session, values: Mapping[str, str], *, required: frozenset[str] = frozenset()) -> None:
    """Check every value, then store them all; raise `Invalid` and store nothing if one is wrong.

    An empty value takes the setting back to its default, unless it is among `required`.
    """
    for key, value in checked(values, required=required).items():
        session.merge(Setting(key=key, value=value))
    session.flush()


def checked(values: Mapping[str, str], *, required: frozenset[str] = frozenset()) -> dict[str, str]:
    """The values as they would be stored; raises `Invalid` with a sentence for each wrong one."""
    cleaned: dict[str, str] = {}
    problems: dict[str, str] = {}
    for key, value in values.items():
        try:
            cleaned[key] = _cleaned(key, value, required)
        except checks.Wrong as wrong:
            problems[key] = str(wrong)
    if problems:
        raise Invalid(problems)
    return cleaned


def public_url(session: Session, config: Config) -> str:
    """Where people reach this desk: as set, or else as the operator's configuration says. Never from a Host header."""
    return identity(session).public_url or config.public_url


def _cleaned(key: str, value: str, required: frozenset[str]) -> str:
    if key not in CHECKS:
        near = checks.nearest(key, KEYS)
        raise checks.Wrong(f"There is no such setting. {near or 'The settings are ' + ', '.join(KEYS) + '.'}")
    text = value.strip()
    if text:
        return CHECKS[key](text)
    if key in required:
        raise checks.Wrong(MISSING[key])
    return ""


MISSING = {
    "network_name": "Say what your network is called. It stands in every mail.",
    "from_address": "Say from which address your mail comes.",
    "from_name": "Say from whom your mail comes.",
}
