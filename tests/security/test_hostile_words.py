"""Words of mail servers, affiliates and colleagues on the pages that show them; and too much at once."""

import csv
import io

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, MakeOutcome
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'
FORMULA = "=HYPERLINK(1)"
RELAY = {"OFFERPOST_RELAY_URL": "smtps://post:canary-4711-pass@127.0.0.1:1"}


def start(desk: Desk) -> Broadcast:
    """Send the one message there is."""
    with desk.session() as session:
        one = session.scalars(select(Broadcast)).one()
        starting.start(session, desk.config, None, one.id)
    return one


@pytest.fixture
def answered(
    network: Desk, affiliate: MakeAffiliate, message: MakeMessage, outcome: MakeOutcome
) -> Broadcast:
    """A message whose only recipient has a hostile name, and a server that says hostile things."""
    affiliate(HOSTILE, email="one@partner.example.com", first_name=HOSTILE[:60])
    message(subject="Solara pays more", name=HOSTILE)
    return outcome(start(network), {"one@partner.example.com": ("failed", "550", f"550 {HOSTILE}")})


def test_what_servers_and_affiliates_say_stays_text(owner: Person, answered: Broadcast) -> None:
    owner.post("/messages/1/copy")
    pages = (
        "/",
        "/messages",
        "/messages/1",
        "/messages/1/mails/1",
        "/affiliates",
        "/affiliates/1",
        "/account/audit",
    )
    for path in (*pages, "/messages/1/resend/failed", "/messages/2/test", "/messages/2/delete"):
        page = owner.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path


def test_what_servers_say_is_no_formula_in_the_export(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage, outcome: MakeOutcome
) -> None:
    affiliate(FORMULA, email="one@partner.example.com")
    message()
    outcome(start(network), {"one@partner.example.com": ("failed", "=1+1", FORMULA)})
    for path in ("/messages/1/outcome.csv", "/affiliates/export"):
        answer = owner.get(path)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten", "/affiliates/import"])
def test_a_body_beyond_the_limit_is_refused_in_words(stranger: Person, path: str) -> None:
    environ = {"CONTENT_LENGTH": str(10**9), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    page = stranger.client.post(path, environ_overrides=environ)
    assert page.status_code == 413
    assert "too much at once" in words(page)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_form_of_thousands_of_parts_is_refused(stranger: Person) -> None:
    parts = {f"field{number}": "x" for number in range(3_000)}
    page = stranger.client.post("/sign-in", data=parts, content_type="multipart/form-data")
    assert page.status_code == 413


class TestTheOperatorsRelay:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | RELAY

    def test_its_password_is_on_no_page_and_in_no_log(
        self, owner: Person, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        said = [
            owner.get(path).text for path in ("/account/email-settings", "/setup/server", "/account/audit")
        ]
        for do in ("probe", "save", "test"):
            form = {
                "kind": "relay",
                "do": do,
                "test_to": "mara@desk.example.com",
                "from_address": "a@b.example",
            }
            said.append(owner.post("/account/email-settings", form).text)
        said += [owner.get("/account/audit").text, caplog.text, repr(desk), repr(desk.config)]
        assert not [text for text in said if "canary-4711" in text]
