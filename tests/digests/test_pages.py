"""The pages of digests, as three people see them."""

from sqlalchemy import select

from tests.browser import Person, words
from tests.digests.conftest import MakeDigest, MakeOffer
from tests.personas import MakePerson
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.digests import issuing, service
from webapp.digests.models import Digest
from webapp.segments import service as segments
from webapp.segments.rules import Group, Rule
from webapp.settings import store

TYPED = {
    "name": "Monday news",
    "audience": "all",
    "every": "week",
    "weekday": "0",
    "hour": "9",
    "template": "offer_digest",
    "sender": "",
    "server": "",
}


def test_an_empty_list_says_what_a_digest_is_for(owner: Person, network: Desk) -> None:
    assert "Set up the first one" in words(owner.get("/digests"))


def test_one_is_set_up_looked_at_and_switched_on(
    owner: Person, network: Desk, two: list[Affiliate], offer: MakeOffer
) -> None:
    offer("3071", name="Solara")
    page = owner.post("/digests/new", TYPED, follow=True)
    assert "still switched off" in words(page)
    assert "it would tell 2 affiliates of something new, out of 1 offer" in words(page)
    assert "Solara" in owner.get(f"/digests/1/preview/{two[0].id}").text
    assert "It comes at its times from now on." in words(
        owner.post("/digests/1/switch", {"on": "1"}, follow=True)
    )
    assert "Every Monday at 09:00" in words(owner.get("/digests?q=monday&sort=-next"))
    owner.post("/digests/1/edit", {**TYPED, "every": "month", "month_day": "31"})
    assert "Each month on day 31" in words(owner.get("/digests/1"))


def test_what_can_not_be_is_refused_and_nothing_is_lost(owner: Person, network: Desk) -> None:
    page = owner.post("/digests/new", {**TYPED, "every": "days", "days": "0"})
    assert "Choose a number from 1 to 90." in words(page)
    assert 'value="Monday news"' in page.text
    assert "Choose the group" in words(owner.post("/digests/new", {**TYPED, "audience": "group"}))
    assert "A digest needs a name" in words(owner.post("/digests/new", {**TYPED, "name": " "}))
    assert owner.post("/digests/new", {**TYPED, "template": "send_message"}).status_code == 200
    with network.reading() as session:
        assert session.scalars(select(Digest)).all() == []


def test_the_history_leads_to_the_outcome_or_says_why_there_is_none(
    owner: Person, network: Desk, two: list[Affiliate], offer: MakeOffer, digest: MakeDigest
) -> None:
    offer("3071")
    made = digest()
    issuing.issue_due(network)
    page = owner.get(f"/digests/{made.id}")
    assert 'href="/messages/1"' in page.text
    assert "Fresh," in words(owner.get("/messages/1"))
    assert "Nothing new for anybody" in words(page)


def test_each_sees_his_own_and_steers_no_other(
    owner: Person, person: MakePerson, network: Desk, digest: MakeDigest, two: list[Affiliate]
) -> None:
    ann, made = person("send_to_own_affiliates"), digest()
    assert "Fresh" not in words(ann.get("/digests"))
    for path in ("", "/edit", f"/preview/{two[0].id}"):
        assert ann.get(f"/digests/{made.id}{path}").status_code == 404
    for path in ("/switch", "/delete"):
        assert ann.post(f"/digests/{made.id}{path}").status_code == 404
    assert ann.post("/digests/new", {**TYPED, "audience": "all"}).status_code == 200  # refused in the form
    assert ann.post("/digests/new", {**TYPED, "audience": "my"}).status_code == 302
    with network.reading() as session:
        assert [one.audience for one in session.scalars(select(Digest).order_by(Digest.id))] == ["all", "my"]


def test_a_stranger_and_a_colleague_without_the_right_see_none(stranger: Person, colleague: Person) -> None:
    assert stranger.get("/digests").status_code == 302
    assert colleague.get("/digests").status_code == 403


def test_many_need_a_second_person_who_says_yes_until_it_is_changed(
    owner: Person,
    person: MakePerson,
    network: Desk,
    two: list[Affiliate],
    offer: MakeOffer,
    digest: MakeDigest,
) -> None:
    second = person("approve_large_sends")
    offer("3071")
    made = digest()
    with network.session() as session:
        store.put(session, {"approve_above": "1"})
    assert "It needs a second person" in words(owner.get(f"/digests/{made.id}"))
    assert owner.post(f"/digests/{made.id}/approve", follow=True).text.count("yourself") == 1
    assert "Approved, until" in words(second.post(f"/digests/{made.id}/approve", follow=True))
    assert "It needs a second person" not in words(owner.get(f"/digests/{made.id}"))
    assert issuing.issue_due(network) == 1
    owner.post(f"/digests/{made.id}/edit", TYPED)
    with network.reading() as session:
        assert session.get_one(Digest, made.id).approved_by is None


def test_whoever_changed_it_is_not_the_second_person(
    owner: Person, person: MakePerson, network: Desk, digest: MakeDigest
) -> None:
    boss = person("send_to_all", "approve_large_sends", email="boss@desk.example.com")
    made = digest()
    boss.post(f"/digests/{made.id}/edit", TYPED)
    assert "yourself" in words(boss.post(f"/digests/{made.id}/approve", follow=True))


def test_a_yes_ends_with_the_rules_of_the_segment(
    owner: Person, person: MakePerson, network: Desk, digest: MakeDigest
) -> None:
    with network.session() as session:
        user = session.merge(owner.user)
        segment = segments.create(session, user, "Firms", [Group((Rule("company", "filled"),))], shared=True)
    made = digest(audience=f"all&segment:{segment.id}")
    person("approve_large_sends").post(f"/digests/{made.id}/approve")
    with network.session() as session:
        found = session.get_one(Digest, made.id)
        assert found.approved_text == service.fingerprint(session, network.config, found)
        wider = [Group((Rule("company", "empty"),))]
        segments.change(session, session.merge(user), session.merge(segment), "Firms", wider, shared=True)
        assert found.approved_text != service.fingerprint(session, network.config, found)


def test_one_that_is_on_is_not_deleted_and_a_segment_that_it_goes_to_neither(
    owner: Person, network: Desk, digest: MakeDigest
) -> None:
    with network.session() as session:
        rules = [Group((Rule("company", "filled"),))]
        segment = segments.create(session, session.merge(owner.user), "Firms", rules, shared=False)
    made = digest(audience=f"all&segment:{segment.id}")
    assert "used by “Fresh”" in words(owner.post(f"/segments/{segment.id}/delete", follow=True))
    assert "Switch it off first" in words(owner.post(f"/digests/{made.id}/delete", follow=True))
    owner.post(f"/digests/{made.id}/switch", {"on": "0"})
    assert "is gone" in words(owner.post(f"/digests/{made.id}/delete", follow=True))
