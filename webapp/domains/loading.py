"""Makes the subject of a check from what the instance knows: settings, default mail server, keys."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from transports.errors import TransportError
from webapp.desk import Desk
from webapp.domains.case import registrable
from webapp.domains.loop import store as loops
from webapp.domains.subject import Key, Subject, Way
from webapp.errors import Invalid
from webapp.mail.signing import keys
from webapp.mail.states import Kind
from webapp.settings import routing, store
from webapp.settings.models import MailServer
from webapp.settings.opening import RELAY, complete, transport_class

log = logging.getLogger("offerpost.domains")


def sending_domain(session: Session) -> str:
    """The domain of the from address, empty while none is set."""
    return _domain_of(store.identity(session).from_address)


def subject_of(desk: Desk, session: Session, domain: str) -> Subject:
    """What is to be checked about `domain`; raises `Invalid` if that is none."""
    domain = keys.cleaned(domain)
    identity = store.identity(session)
    ours = registrable(_domain_of(identity.from_address) or domain) == registrable(domain)
    arrived = loops.latest_judged(session, domain)
    return Subject(
        domain=domain,
        loop=arrived.dkim if arrived else "",
        looped_at=arrived.judged_at if arrived else None,
        bounce_domain=_domain_of(identity.bounce_address) if ours else "",
        reply_domain=_domain_of(identity.reply_to) if ours else "",
        tracking_host=(urlsplit(identity.tracking_url).hostname or "") if ours else "",
        way=way_of(desk, session, domain),
        keys=tuple(
            Key(keys.record_of(key), key.state, key.created_at)
            for key in keys.every(session, domain)
            if key.state != keys.KeyState.RETIRED
        ),
    )


def way_of(desk: Desk, session: Session, domain: str) -> Way:
    """How announcements from the domain leave; an empty way while they go nowhere, or the settings cannot be read."""
    chosen = routing.ways(session).of(Kind.ANNOUNCEMENT, domain, None)
    server = session.get(MailServer, chosen) if chosen is not None else None
    if server is None:
        return Way()
    try:
        settings = complete(desk, server.kind, server.values)
        expects = tuple(transport_class(desk, server.kind).dns(settings, domain))
    except (TransportError, Invalid):
        return Way(name=server.name, kind=server.kind)
    except Exception:  # a plugin may do anything
        log.exception("the plugin %s could not say which records it needs", server.kind)
        return Way(name=server.name, kind=server.kind)
    host, port, security = _where(server.kind, settings)
    return Way(
        name=server.name,
        kind=server.kind,
        host=host,
        port=port,
        security=security,
        ca_pem=str(settings.get("ca_pem") or ""),
        helo=str(settings.get("helo_name") or "").lower().rstrip("."),
        expects=expects,
    )


def _where(kind: str, settings: Mapping[str, Any]) -> tuple[str, int, str]:
    """Host, port and encryption; the relay's stand in its address, without the password that is there too."""
    if kind == RELAY:
        url = urlsplit(str(settings.get("url") or ""))
        try:
            port = url.port or (465 if url.scheme == "smtps" else 587)
        except ValueError:
            return "", 0, ""
        return (url.hostname or "").rstrip("."), port, "tls" if url.scheme == "smtps" else "starttls"
    host = str(settings.get("host") or "").lower().rstrip(".")
    return host, int(settings.get("port") or 0), str(settings.get("security") or "")


def _domain_of(address: str) -> str:
    host = address.rpartition("@")[2]
    try:
        return keys.cleaned(host) if host else ""
    except Invalid:
        return ""
