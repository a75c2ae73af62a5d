"""Affiliates, offers and assignments in and out, singly and many at once."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.conftest import ANA, SOLARA, MakeProgram, Program
from tests.personas import make_user
from webapp.accounts.models import AuditEntry
from webapp.affiliates.models import Affiliate
from webapp.api import body
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.offers.models import Offer


def reasons(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {each["field"]: each["detail"] for each in answer.json["errors"]}


def test_an_affiliate_is_added_changed_and_left_alone(tracker: Program) -> None:
    found = []
    for item in (ANA, ANA | {"company": "Brightpath Ltd"}, ANA | {"company": "Brightpath Ltd"}):
        answer = tracker.post("/api/affiliates", item)
        found.append((answer.status_code, answer.json["outcome"], answer.json["affiliate_id"]))
    assert found == [(201, "added", "10021"), (200, "changed", "10021"), (200, "same", "10021")]
    assert tracker.get("/api/affiliates/10021").json["company"] == "Brightpath Ltd"


def test_what_is_left_out_stays_and_null_empties(tracker: Program) -> None:
    tracker.post("/api/affiliates", ANA | {"country": "GB", "tags": ["seo", "email"], "alt_id": 77})
    tracker.post(
        "/api/affiliates", {"affiliate_id": 10021, "email": "ana@brightpath.example", "country": None}
    )
    found = tracker.get("/api/affiliates/10021").json
    assert (found["company"], found["country"], found["tags"]) == ("Brightpath", "", ["email", "seo"])
    assert found["alt_id"] == "77"


def test_of_many_each_has_its_result_and_refused_ones_stay_out(tracker: Program) -> None:
    items = [
        ANA,
        {"affiliate_id": "2", "email": "bo@@x.example"},
        {"affiliate_id": "3", "email": "cy@x.example", "status": "suspended", "first_name": "Cy"},
        {"affiliate_id": "10021", "email": "again@x.example"},
        "no object",
        {"email": "=cmd@x.example", "first_name": "=1+1"},
    ]
    answer = tracker.post("/api/affiliates", items)
    assert answer.status_code == 200
    assert [each["outcome"] for each in answer.json["results"]] == [
        *("added", "refused", "added", "refused", "refused", "added")
    ]
    assert answer.json["results"][3]["errors"][0]["detail"].startswith("Item 1 has the same affiliate ID.")
    assert (answer.json["added"], answer.json["refused"]) == (3, 3)
    assert tracker.get("/api/affiliates/3").json["status"] == "paused"
    firsts = [each["first_name"] for each in tracker.get("/api/affiliates").json["items"]]
    assert "=1+1" in firsts


WRONG_VALUES = [
    (ANA | {"emial": "x"}, "emial", "Did you mean “email”?"),
    ({"affiliate_id": "1"}, "email", "It is missing."),
    (ANA | {"email": "ana"}, "email", "There is no @ sign."),
    (ANA | {"company": True}, "company", "neither a text nor a number"),
    (ANA | {"company": ["a"]}, "company", "neither a text nor a number"),
    (ANA | {"company": "x" * 201}, "company", "Shorten it to 200"),
    (ANA | {"company": "a\r\nBcc: b"}, "company", "line break or control character"),
    (ANA | {"company": "\ud800"}, "company", "lone surrogate"),
    (ANA | {"manager_email": "no@body.example"}, "manager_email", "No user has this address"),
    (ANA | {"country": "Atlantis"}, "country", "no country we know"),
]


def test_a_wrong_value_names_field_reason_and_remedy(tracker: Program) -> None:
    for item, field, said in WRONG_VALUES:
        assert said in reasons(tracker.post("/api/affiliates", item))[field]
        assert tracker.get("/api/affiliates").json["items"] == []


def test_an_offer_keeps_its_money_exact(tracker: Program) -> None:
    raw = b'{"cid": 3071, "name": "Solara", "payout": 0.1250, "end_date": "2031-12-31", "monthly_cap": 500}'
    assert tracker.post("/api/offers", raw).status_code == 201
    found = tracker.get("/api/offers/3071").json
    assert (found["payout"], found["end_date"], found["monthly_cap"]) == ("0.125", "2031-12-31", 500)
    assert reasons(tracker.post("/api/offers", SOLARA | {"payout": "1e3"}))["payout"].startswith("“1e3”")
    assert reasons(tracker.post("/api/offers", {"cid": "9"}))["name"].startswith("A new offer needs a name")


def test_an_assignment_needs_both_sides_and_is_decided_on(tracker: Program) -> None:
    pair = {"affiliate_id": "10021", "cid": "3071"}
    assert "No offer has this CID" in reasons(tracker.post("/api/assignments", pair))["cid"]
    tracker.post("/api/affiliates", ANA)
    tracker.post("/api/offers", SOLARA)
    assert tracker.post("/api/assignments", pair | {"payout": "26.50"}).json["outcome"] == "added"
    assert tracker.patch("/api/assignments/3071/10021", {"state": "blocked"}).status_code == 200
    assert tracker.patch("/api/assignments/3071/10021", {"cap": 5}).status_code == 200
    found = tracker.get("/api/assignments?cid=3071&state=blocked").json["items"]
    assert [(each["affiliate_id"], each["payout"], each["cap"]) for each in found] == [("10021", "26.50", 5)]


def test_a_change_goes_the_way_of_the_form(tracker: Program) -> None:
    tracker.post("/api/offers", SOLARA)
    answer = tracker.patch("/api/offers/3071", {"status": "paused"})
    assert answer.json == {"outcome": "changed", "cid": "3071", "queued": 0}
    assert tracker.get("/api/offers?status=paused").json["items"][0]["cid"] == "3071"
    assert "no status" in reasons(tracker.patch("/api/offers/3071", {"status": "asleep"}))["status"]
    assert "Nothing is to change" in reasons(tracker.patch("/api/offers/3071", {}))[""]
    assert "no field “cid”" in reasons(tracker.patch("/api/offers/3071", {"cid": "1"}))["cid"]
    assert tracker.patch("/api/offers/9999", {"status": "paused"}).status_code == 404


def test_a_change_mails_nobody_unless_it_is_asked_to(tracker: Program, network: Desk) -> None:
    tracker.post("/api/affiliates", ANA)
    tracker.post("/api/offers", SOLARA)
    tracker.post("/api/assignments", {"affiliate_id": "10021", "cid": "3071"})
    assert tracker.patch("/api/offers/3071", {"status": "paused"}).json["queued"] == 0
    assert tracker.patch("/api/offers/3071?announce=true", {"status": "active"}).json["queued"] == 1
    assert (
        "neither true nor false"
        in reasons(tracker.patch("/api/offers/3071?announce=x", {"status": "ended"}))["announce"]
    )


def test_a_list_is_read_page_by_page_without_gaps(tracker: Program) -> None:
    tracker.post("/api/affiliates", [{"affiliate_id": n, "email": f"p{n}@x.example"} for n in range(1, 6)])
    tracker.post("/api/offers", [{"cid": n, "name": f"Offer {n}"} for n in (1, 2)])
    pairs = [{"affiliate_id": n, "cid": cid} for cid in (1, 2) for n in range(1, 4)]
    assert tracker.post("/api/assignments", pairs).json["added"] == 6
    for slug, count in (("affiliates", 5), ("assignments", 6)):
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = tracker.get(f"/api/{slug}?limit=2" + (f"&after={after}" if after else "")).json
            seen += [f"{each.get('cid')} {each['affiliate_id']}" for each in page["items"]]
            after = page["next"]
        assert len(seen) == len(set(seen)) == count


WRONG_QUESTIONS = [
    ("limit=0", "limit"),
    ("limit=x", "limit"),
    ("after=x", "after"),
    ("statuz=active", "statuz"),
]


def test_a_wrong_question_is_refused(tracker: Program) -> None:
    for query, field in WRONG_QUESTIONS:
        assert field in reasons(tracker.get(f"/api/affiliates?{query}"))


def test_the_own_ones_only_for_who_sees_only_those(
    program: MakeProgram, tracker: Program, desk: Desk
) -> None:
    rights = (
        "import_and_export",
        "view_affiliate_details",
        "edit_assigned",
        "create_affiliates",
        "edit_own_offers",
    )
    ann = make_user(desk, "ann@desk.example.com", {"manage_apis", *rights})
    hers = program(owner=ann)
    tracker.post("/api/affiliates", ANA)
    tracker.post("/api/offers", SOLARA)
    assert hers.post("/api/affiliates", {"affiliate_id": "5", "email": "own@x.example"}).status_code == 201
    assert [each["affiliate_id"] for each in hers.get("/api/affiliates").json["items"]] == ["5"]
    assert hers.get("/api/affiliates/10021").status_code == 404
    assert hers.patch("/api/affiliates/10021", {"status": "closed"}).status_code == 404
    assert "may not change this affiliate" in reasons(hers.post("/api/affiliates", ANA))["affiliate_id"]
    assert hers.get("/api/offers").json["items"] == []
    assert "may not change this offer" in reasons(hers.post("/api/offers", SOLARA))["cid"]
    tracker.post("/api/assignments", {"affiliate_id": "10021", "cid": "3071"})
    assert hers.get("/api/assignments").json["items"] == []
    for path in ("/api/offers/3071", "/api/assignments/3071/10021"):
        assert hers.get(path).status_code == 404
        assert hers.patch(path, {"state" if "assign" in path else "status": "blocked"}).status_code == 404
    assert (
        "don’t manage this offer"
        in reasons(hers.post("/api/assignments", {"affiliate_id": "5", "cid": "3071"}))["cid"]
    )
    assert tracker.get("/api/affiliates/10021").json["status"] == "active"


BODIES = [
    (b"{", 400),
    (b'{"email": NaN}', 400),
    (b'{"email": "a", "email": "b"}', 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b"[]", 422),
    (b'"text"', 422),
    (b"[" + b"{}," * 1_000 + b"{}]", 422),
    (b" " * (body.LARGEST + 1), 413),
]


def test_a_body_that_can_not_be_taken_is_no_fault_of_ours(tracker: Program) -> None:
    for raw, status in BODIES:
        answer = tracker.post("/api/affiliates", raw)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json["detail"]


def test_other_kinds_of_bodies_and_addresses_get_problem_documents_too(tracker: Program) -> None:
    form = tracker.ask(
        "POST", "/api/affiliates", None, **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert form.status_code == 415
    for answer, status in ((tracker.get("/api/nothing"), 404), (tracker.ask("DELETE", "/api/offers"), 405)):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(tracker.ask("DELETE", "/api/offers").headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_fault_of_ours_says_nothing_but_a_reference(
    tracker: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.app.testing = tracker.app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr("webapp.api.routes.take", fail)
    answer = tracker.post("/api/affiliates", ANA, "a-name")
    assert answer.status_code == 500
    assert answer.json["reference"] in caplog.text
    assert "inner secret" not in answer.text


def test_bringing_lists_mails_nobody_and_stands_in_the_trail(tracker: Program, desk: Desk) -> None:
    tracker.post("/api/affiliates", [ANA])
    tracker.post("/api/affiliates", [ANA])  # nothing new
    with desk.reading() as session:
        assert session.scalars(select(OutboxMail)).all() == []
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "api affiliates")).all()
    assert [(each.subject, each.detail) for each in found] == [("Tracker", {"added": 1})]


def test_a_list_of_a_thousand_is_taken_in_one_request(tracker: Program, desk: Desk) -> None:
    items = [{"affiliate_id": n, "email": f"p{n}@x.example", "group": f"G{n % 7}"} for n in range(1_000)]
    assert tracker.post("/api/affiliates", items).json["added"] == 1_000
    with desk.reading() as session:
        assert len(session.scalars(select(Affiliate.id)).all()) == 1_000


def test_suppressions_are_added_listed_and_beat_nothing_that_is_there(tracker: Program) -> None:
    assert tracker.post("/api/suppressions", {"address": "Gone@X.example"}).status_code == 201
    assert tracker.post("/api/suppressions", {"address": "gone@x.example"}).json["outcome"] == "same"
    several = [
        {"address": "a@x.example", "scope": "announcement"},
        {"address": "nobody"},
        {"adress": "b@x.example"},
    ]
    answer = tracker.post("/api/suppressions", several).json
    assert [each["outcome"] for each in answer["results"]] == ["added", "refused", "refused"]
    assert [each["scope"] for each in tracker.get("/api/suppressions?limit=1").json["items"]] == [
        "announcement"
    ]
    assert len(tracker.get("/api/suppressions?address=gone@x.example").json["items"]) == 1


def test_suppressions_need_the_right_of_the_owner(program: MakeProgram) -> None:
    other = program(rights=["import_and_export"])
    assert other.get("/api/suppressions").status_code == 403
    assert other.post("/api/suppressions", {"address": "a@x.example"}).status_code == 403
    assert other.get("/api/mails/1").status_code == 403


def test_an_offer_that_was_refused_by_half_is_not_saved(tracker: Program, desk: Desk) -> None:
    tracker.post("/api/offers", SOLARA | {"start_date": "2031-01-01", "end_date": "2030-01-01"})
    with desk.reading() as session:
        assert session.scalars(select(Offer)).all() == []
