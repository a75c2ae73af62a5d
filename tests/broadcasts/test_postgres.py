"""The same on PostgreSQL: count, look over, start, follow, export."""

from pathlib import Path

import pytest

from tests.broadcasts.test_sending import press_send
from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, MakeOutcome
from webapp.desk import Desk

pytestmark = pytest.mark.postgres


@pytest.fixture
def environ(tmp_path: Path, postgres_url: str) -> dict[str, str]:
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_DATABASE_URL": postgres_url}


def test_a_message_is_looked_over_started_and_followed(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage, outcome: MakeOutcome
) -> None:
    affiliate("Adtrail", email="one@a.example.com", group="Gold")
    affiliate("Twin", email="ONE@a.example.com", group="Gold")
    affiliate("", email="nameless@c.example.com", group="Gold")
    draft = message(
        user=owner.user, audience="group:Gold", html="<p>[=Affiliate.CompanyName=] [=Affiliate.GroupID=]</p>"
    )
    said = words(owner.get(f"/messages/{draft.id}/review"))
    assert "Send to 1 affiliate?" in said
    assert press_send(owner, draft).status_code == 302
    assert press_send(owner, draft).status_code == 302
    assert "2 of 3 have a final outcome" in words(owner.get(f"/messages/{draft.id}"))
    with network.session() as session:
        draft = session.merge(draft)
        session.refresh(draft)
    outcome(draft, {"one@a.example.com": ("failed", "550", "5.1.1 No such user")})
    assert "Why 1 failed" in words(owner.get(f"/messages/{draft.id}"))
    assert owner.get(f"/messages/{draft.id}/outcome.csv").text.count("\n") == 4
    assert "1 failed" in words(owner.get("/"))
    assert "1 failed" in words(owner.get("/messages?q=solara&state=finished_with_failures"))
    assert owner.post(f"/messages/{draft.id}/resend/failed").status_code == 302
    assert "Cancelled" in words(owner.post(f"/messages/{draft.id}/cancel", follow=True))
