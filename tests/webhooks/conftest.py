"""A platform of the network's own that takes webhooks over real HTTPS, and the few things that it is told of."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import select

from tests.announcing.conftest import mails  # noqa: F401 - a fixture
from tests.personas import make_user
from transports.net import Net
from transports.testing.servers import WebAnswer, WebServer
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import Attempt, MailContent, OutboxMail
from webapp.webhooks import gathering, hooks, jobs, sending
from webapp.webhooks.kinds import KINDS
from webapp.webhooks.models import Webhook, WebhookDelivery

HOST, ADDRESS = "platform.northlight.example", "192.88.98.7"
URL = f"https://{HOST}/hooks/mail?from=offerpost"
Sent = Callable[..., OutboxMail]


class Platform(WebServer):
    """`events` are all that it took, in the order in which they came."""

    def __init__(self) -> None:
        authority = trustme.CA()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(tls)
        super().__init__(lambda _: WebAnswer(204), tls=tls)
        self.authority = authority.cert_pem.bytes()

    def net(self) -> Net:
        """The host's connector, with a name server that knows the platform alone, and sends it to this machine."""
        return Net(floor=0, resolver=lambda host, _: [ADDRESS] if host == HOST else [host], dialer=self._dial)

    def _dial(self, address: str, port: int, seconds: float) -> socket.socket:
        assert (address, port) == (ADDRESS, 443)
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for request in self.requests for event in json.loads(request.body)["events"]]


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    with Platform() as server:
        (tmp_path / "trusted.pem").write_bytes(server.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        monkeypatch.setattr(gathering, "SETTLED", timedelta(0))
        yield server


@pytest.fixture
def desk(desk: Desk, platform: Platform) -> Iterator[Desk]:
    connected = replace(desk, net=platform.net())
    jobs.register(connected)
    yield connected
    connected.net.close()


@pytest.fixture
def mara(desk: Desk) -> User:
    return make_user(desk, "mara@desk.example.com", ["manage_apis", "view_delivery_log"], first_name="Mara")


@pytest.fixture
def secret(network: Desk, mara: User) -> str:
    """Of a webhook that hears everything."""
    with network.session() as session:
        wish = hooks.Wish("Platform", URL, tuple(KINDS))
        return hooks.add(session, network.vault, mara, wish)[1]


@pytest.fixture
def sent(network: Desk) -> Sent:
    """A mail to an affiliate and a try of it: `sent(affiliate, "rejected", code="550 5.1.1")`."""
    count = 0

    def make(one: Any, status: str = "accepted", code: str = "250 2.0.0", **fields: object) -> OutboxMail:
        nonlocal count
        count += 1
        with network.session() as session:
            content = MailContent(draft={}, offer="3071")
            session.add(content)
            session.flush()
            state = {"accepted": "sent", "rejected": "failed"}.get(status, "deferred")
            about = {"recipient_id": one.id, "address": one.email, "state": state, "attempts": 1}
            mail = OutboxMail(
                key=f"hook:{count}", content_id=content.id, kind="operational", **(about | fields)
            )
            session.add(mail)
            session.flush()
            session.add(Attempt(mail_id=mail.id, lease=1, number=1, status=status, code=code, at=utcnow()))
        return mail

    return make


def told(desk: Desk) -> int:
    """What a run of the worker sends now."""
    return sending.run(desk)


def hook_of(desk: Desk) -> Webhook:
    with desk.reading() as session:
        return session.scalars(select(Webhook)).one()


def log_of(desk: Desk) -> list[WebhookDelivery]:
    with desk.reading() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def later(desk: Desk) -> None:
    """When the pause after a failure is over."""
    with desk.session() as session:
        for hook in session.scalars(select(Webhook)):
            hook.next_at = utcnow()
