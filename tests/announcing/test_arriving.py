"""One story, told by the mails that arrive at a real server: an application, a request, a payout, a pause."""

import re
import time

import pytest
from flask import Flask

from tests.announcing.test_offers import press_twice
from tests.applications.test_applications import typed
from tests.broadcasts.sending import sender, until
from tests.browser import Person
from tests.journeys.mail_server import MailServer
from tests.offers.conftest import Market
from tests.offers.test_messages import environ, ready, server  # noqa: F401 - fixtures
from webapp.applications import routes
from webapp.desk import Desk
from webapp.settings import store


class Post:
    """Reads what arrives at the server; each mail once."""

    def __init__(self, server: MailServer) -> None:  # noqa: F811
        self._server, self._read = server, 0

    def next(self, count: int = 1) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of the next mails, by recipient."""
        until(lambda: len(self._server.mails) >= self._read + count)
        new = self._server.mails[self._read : self._read + count]
        self._read += count
        found = []
        for one in new:
            body = one.message.get_body(("plain",))
            assert body is not None
            found.append((one.recipient, str(one.message["Subject"]), " ".join(body.get_content().split())))
        return sorted(found)

    def quiet(self) -> bool:
        """Whether nothing else came."""
        time.sleep(0.3)
        return len(self._server.mails) == self._read


def test_what_happens_arrives(
    app: Flask,
    desk: Desk,
    owner: Person,
    stranger: Person,
    server: MailServer,  # noqa: F811
    ready: Market,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "ANSWER_SECONDS", 0)
    with desk.session() as session:
        store.put(session, {"applications": "on"})
    post = Post(server)
    with sender(desk):
        stranger.post("/apply", typed(desk))
        ((to, subject, text),) = post.next()
        assert (to, subject) == ("Dana@brightleads.example", "Thank you, we have your application")
        link = re.search(r"https://desk\.northlight\.example\.com(/apply/confirm/[\w.-]+)", text)
        assert link is not None
        stranger.post(link[1])
        ((to, subject, text),) = post.next()
        assert (to, subject) == ("mara@desk.example.com", "New application: Bright Leads")
        assert "https://desk.northlight.example.com/applications/1" in text

        press_twice(owner, "/applications/decide", {"pick": "1", "state": "approved"})
        ((to, subject, _),) = post.next()
        assert (to, subject) == ("Dana@brightleads.example", "Welcome to Northlight Partners, Dana")

        pick = f"{ready.solar.id}-{ready.waiting.id}"
        press_twice(owner, "/assignments/decide", {"pick": pick, "state": "approved"})
        ((to, subject, text),) = post.next()
        assert (to, subject) == ("p3@example.com", "You can run Solar Quotes US now")
        assert "You earn $24.00" in text
        assert "https://go.northlight.example/?c=3071&a=3" in text

        payouts = {"payouts": "1,26\n3,28", "tell_from": "2027-01-01"}
        press_twice(owner, f"/offers/{ready.solar.id}/payouts", payouts)
        first, third = post.next(2)
        assert first[:2] == ("p1@example.com", "Solar Quotes US pays $26.00 from 1 January 2027")
        assert "from $24.00 to $28.00" in third[2]

        pause = {"status": "paused", "tell_reason": "The budget is spent."}
        press_twice(owner, f"/offers/{ready.solar.id}/status", pause)
        owner.post(f"/offers/{ready.solar.id}/status", pause)
        told = post.next(3)
        assert [to for to, _, _ in told] == ["p1@example.com", "p2@example.com", "p3@example.com"]
        assert all("Why: The budget is spent." in text for _, _, text in told)
        assert post.quiet()
