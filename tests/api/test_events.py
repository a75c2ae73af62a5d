"""Events that only the tracking platform knows of: told by HTTP, mailed once, asked about by the ids of the mails."""

import pytest

from tests.api.conftest import ANA, SOLARA, MakeProgram, Program
from tests.api.test_lists import reasons
from tests.personas import make_user
from webapp.desk import Desk

CAP = {"change": "cap 3071 80 %", "offer": "3071", "values": {"CapAmount": "500", "CapPercent": 80}}
WHERE = "/api/events/cap_notification"


@pytest.fixture
def running(tracker: Program, network: Desk) -> Program:
    """Ana runs the offer, Bo doesn't, Cy is closed."""
    tracker.post("/api/affiliates", [ANA, {"affiliate_id": "2", "email": "bo@x.example"}])
    tracker.post("/api/affiliates", {"affiliate_id": "3", "email": "cy@x.example", "status": "closed"})
    tracker.post("/api/offers", SOLARA)
    tracker.post("/api/assignments", {"affiliate_id": "10021", "cid": "3071"})
    return tracker


def test_everybody_on_the_offer_is_mailed_once_and_the_outcome_can_be_asked(running: Program) -> None:
    first = running.post(WHERE, CAP, "one").json
    assert (first["queued"], [each["affiliate_id"] for each in first["mails"]]) == (1, ["10021"])
    assert running.post(WHERE, CAP, "one").json == first
    again = running.post(WHERE, CAP, "two").json
    assert (again["queued"], again["mails"]) == (0, first["mails"])
    assert running.get(f"/api/mails/{first['mails'][0]['id']}").json["state"] == "queued"
    other = running.post(WHERE, CAP | {"change": "cap 3071 95 %"}).json
    assert other["queued"] == 1


def test_only_those_who_are_named_and_active_are_mailed(running: Program) -> None:
    told = running.post("/api/events/payment_notice", {"change": "p1", "affiliates": [2, "3"]}).json
    assert ([each["affiliate_id"] for each in told["mails"]], told["not_active"]) == (["2"], ["3"])


WRONG_EVENTS = [
    ("cap_notification", {"change": ""}, "change"),
    ("cap_notification", {"change": "a\nb"}, "change"),
    ("cap_notification", {"offer": None}, "offer"),
    ("cap_notification", {"offer": "9999"}, "offer"),
    ("cap_notification", {"affiliates": ["77"]}, "affiliates"),
    ("cap_notification", {"affiliates": []}, "affiliates"),
    ("cap_notification", {"affiliates": [True]}, "affiliates"),
    ("cap_notification", {"values": {"CapAmount": "5"}}, "CapPercent"),
    ("cap_notification", {"values": {"CapAmont": "5"}}, "CapAmont"),
    ("cap_notification", {"valeus": {}}, "valeus"),
    ("payment_notice", {"offer": None, "values": None}, "affiliates"),
]


def test_a_wrong_event_is_refused_and_mails_nobody(running: Program) -> None:
    for name, change, field in WRONG_EVENTS:
        assert field in reasons(running.post(f"/api/events/{name}", CAP | change))
        assert running.get("/api/mails/1").status_code == 404


@pytest.mark.parametrize("name", ["staff_application", "application_denied", "nothing"])
def test_events_of_the_team_and_of_forms_are_not_for_programs(running: Program, name: str) -> None:
    assert running.post(f"/api/events/{name}", CAP).status_code == 404


def test_nobody_is_told_whom_the_owner_may_not_write_to(
    running: Program, program: MakeProgram, network: Desk
) -> None:
    rights = {"manage_apis", "view_all_affiliates", "view_all_offers"}
    silent = program(owner=make_user(network, "s@desk.example.com", rights))
    assert silent.post(WHERE, CAP).status_code == 403
    ann = program(owner=make_user(network, "a@desk.example.com", rights | {"send_to_own_affiliates"}))
    assert ann.post(WHERE, CAP).json["mails"] == []
    assert "may write" in reasons(ann.post(WHERE, CAP | {"affiliates": ["10021"]}))["affiliates"]
