"""The pages of segments: built without JavaScript, seen by three people, used by messages."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, affiliate, message, network
from tests.personas import MakePerson
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.segments import service
from webapp.segments.models import Segment
from webapp.segments.rules import Group, Rule

__all__ = ["affiliate", "message", "network"]
READS = ("view_affiliate_details",)
VIP = {"name": "Important", "g0": "in", "g0r0": "tags", "g0r0-op": "any", "g0r0-value": "vip, gold"}
MakeSegment = Callable[..., Segment]


@pytest.fixture
def three(affiliate: MakeAffiliate) -> list[Affiliate]:
    """Two important ones, of whom one left the news, and one who isn't."""
    found = [affiliate("Adtrail", tags="vip"), affiliate("Brook", tags="gold"), affiliate("Calm")]
    return found


@pytest.fixture
def segment(network: Desk) -> MakeSegment:
    def make(owner: Person, *rules: Rule, shared: bool = False, name: str = "Important") -> Segment:
        assert owner.user is not None
        with network.session() as session:
            groups = [Group(rules or (Rule("tags", "any", ("vip", "gold")),))]
            return service.create(session, session.merge(owner.user), name, groups, shared=shared)

    return make


def press(person: Person, button: str, more: Mapping[str, object] = VIP, path: str = "/segments/new") -> str:
    return person.post(path, {**more, "do": button}, follow=True).text


def test_an_empty_list_says_what_a_segment_is_for(owner: Person) -> None:
    assert "Make the first one" in words(owner.get("/segments"))


def test_a_rule_is_added_and_removed_by_buttons(owner: Person, three: list[Affiliate]) -> None:
    page = press(owner, "rule:0", {**VIP, "g0-add": "country"})
    assert 'name="g0r1" value="country"' in page
    assert "<strong>2</strong>" not in page  # the new rule is compared with nothing yet
    assert "<strong>2</strong>" in press(owner, "drop:0:1", {**VIP, "g0r1": "country", "g0r1-op": "any"})
    page = press(owner, "minus", VIP)
    assert 'name="g1" value="out"' in page
    assert 'name="g1"' not in press(owner, "drop:1", {**VIP, "g1": "out"})


def test_nothing_is_saved_before_save_is_pressed(owner: Person, network: Desk) -> None:
    for button in ("look", "group", "minus", "rule:0", "drop:0:0", "drop:7", "drop:0:²", "rm -rf"):
        press(owner, button)
    with network.reading() as session:
        assert session.scalars(select(Segment)).all() == []


def test_a_button_that_nobody_could_press_does_nothing(owner: Person) -> None:
    for button in (f"drop:{'9' * 5_000}", f"drop:0:{'9' * 5_000}", f"rule:{'9' * 5_000}"):
        assert owner.post("/segments/new", {**VIP, "do": button}).status_code == 200


def test_a_saved_segment_is_described_counted_and_named(owner: Person, three: list[Affiliate]) -> None:
    page = press(owner, "save")
    assert "The segment “Important” was saved." in page
    assert "Tags has one of vip, gold." in page
    assert "Adtrail" in page
    assert "Brook" in page
    assert "Calm" not in page
    assert "Important" in words(owner.get("/segments?q=port&sort=-changed"))


def test_a_rule_that_is_refused_stands_beside_the_reason_and_nothing_is_lost(owner: Person) -> None:
    page = press(owner, "save", {**VIP, "g0r1": "mailed", "g0r1-op": "within", "g0r1-value": "soon"})
    assert "“soon” is no number of days." in page
    assert 'value="soon"' in page
    assert 'value="vip, gold"' in page


def test_who_is_left_out_is_named_with_the_reason(
    owner: Person, network: Desk, three: list[Affiliate], segment: MakeSegment, affiliate: MakeAffiliate
) -> None:
    affiliate("Twin", tags="vip", email=three[0].email)
    affiliate("Dormant", tags="vip", status="paused")
    with network.session() as session:
        suppressions.add(session, three[1].address, scope="announcement", reason="unsubscribed")
    key = segment(owner).id
    page = words(owner.get(f"/segments/{key}?show=left_out"))
    assert "All 4" in page
    assert "Brook" in page
    assert "Left the announcements" in page
    assert "Dormant" in page
    assert "Not active" in page
    assert "Adtrail" not in page
    assert "Another one with this address gets it" in words(owner.get(f"/segments/{key}?q=twin"))
    assert "Nobody matches" in words(owner.get(f"/segments/{key}?q=zzz"))


def test_the_count_follows_what_is_typed(owner: Person, three: list[Affiliate]) -> None:
    assert "2 affiliates" in words(owner.post("/segments/count", VIP))
    assert "compared with nothing" in words(owner.post("/segments/count", {**VIP, "g0r0-value": ""}))


def test_the_reader_finds_only_affiliates_that_he_may_see(
    owner: Person, person: MakePerson, segment: MakeSegment, affiliate: MakeAffiliate
) -> None:
    ann = person(*READS)
    affiliate("Mine", tags="vip", manager_id=ann.user.id)  # type: ignore[union-attr]
    affiliate("Theirs", tags="vip")
    key = segment(owner, shared=True).id
    page = words(ann.get(f"/segments/{key}"))
    assert "All 1" in page
    assert "Theirs" not in page
    assert "Theirs" not in words(ann.post("/segments/count", VIP))
    assert "Theirs" not in words(ann.get(f"/affiliates?status=all&segment={key}"))
    assert "All 2" in words(owner.get(f"/segments/{key}"))


def test_a_private_one_is_its_owners_alone(owner: Person, person: MakePerson, segment: MakeSegment) -> None:
    ann, key = person(*READS), segment(owner).id
    assert "Important" not in words(ann.get("/segments"))
    for path in (f"/segments/{key}", f"/segments/{key}/edit"):
        assert ann.get(path).status_code == 404
    assert ann.post(f"/segments/{key}/delete").status_code == 404
    assert "isn’t shared with you" in words(ann.get(f"/affiliates?segment={key}"))
    assert ann.post("/messages/new", {}).status_code == 403


def test_a_shared_one_is_read_by_all_and_changed_by_who_may_edit_all(
    owner: Person, person: MakePerson, segment: MakeSegment
) -> None:
    ann, ben = person(*READS), person(*READS, "edit_all")
    key = segment(owner, shared=True).id
    assert ann.get(f"/segments/{key}").status_code == 200
    assert ann.get(f"/segments/{key}/edit").status_code == 403
    page = press(ben, "save", {**VIP, "name": "Renamed"}, f"/segments/{key}/edit")
    assert "The segment “Renamed” was saved." in page
    assert "The team uses it" in page  # who is not its owner does not take it away from the others


def test_a_stranger_and_a_colleague_without_the_right_see_none(stranger: Person, colleague: Person) -> None:
    assert stranger.get("/segments").status_code == 302
    assert colleague.get("/segments").status_code == 403


def test_what_is_private_of_affiliates_is_no_rule_for_those_who_may_not_see_it(person: MakePerson) -> None:
    viewer = person("view_all_affiliates")
    assert 'value="email"' not in viewer.get("/segments/new").text
    rule = {"name": "Spy", "g0": "in", "g0r0": "email", "g0r0-op": "begins", "g0r0-value": "a"}
    assert "may view affiliate details" in press(viewer, "save", rule)
    assert "may view affiliate details" in words(viewer.post("/segments/count", rule))


def test_a_message_goes_to_whoever_is_in_the_segment_when_it_leaves(
    network: Desk, owner: Person, three: list[Affiliate], segment: MakeSegment, message: MakeMessage
) -> None:
    made = segment(owner)
    draft = message(owner.user, audience=f"all&segment:{made.id}")
    with network.session() as session:
        session.get_one(Segment, made.id).rules = [
            {"minus": False, "rules": [{"field": "company", "op": "is", "values": ["Calm"]}]}
        ]
    with network.session() as session:
        starting.start(session, network.config, session.get_one(User, owner.user.id), draft.id)  # type: ignore[union-attr]
        assert [mail.address for mail in session.scalars(select(OutboxMail))] == [three[2].address]


def test_a_segment_narrows_an_audience_in_the_form(
    network: Desk, owner: Person, three: list[Affiliate], segment: MakeSegment
) -> None:
    key = segment(owner).id
    assert (
        f'<option selected value="{key}">Important</option>' in owner.get(f"/messages/new?segment={key}").text
    )
    typed = {
        "subject": "Hi",
        "html": "<p>Hi</p>",
        "kind": "announcement",
        "audience": "all",
        "segment": str(key),
    }
    assert "2 will get it" in words(owner.post("/messages/audience", typed))
    page = owner.post("/messages/new", typed, follow=True).text
    assert f'<option selected value="{key}">Important</option>' in page
    assert "Whoever is in it when the message leaves" in page


def test_one_that_a_message_will_go_to_is_neither_deleted_nor_taken_from_its_author(
    network: Desk, owner: Person, person: MakePerson, segment: MakeSegment, message: MakeMessage
) -> None:
    ann = person("send_to_all")
    made = segment(owner, shared=True)
    draft = message(ann.user, audience=f"segment:{made.id}", name="Autumn")
    page = words(owner.post(f"/segments/{made.id}/delete", follow=True))
    assert "It is still used by “Autumn”. Choose another audience there" in page
    assert "stays shared until" in press(owner, "save", VIP, f"/segments/{made.id}/edit")
    with network.session() as session:
        session.delete(session.get_one(Broadcast, draft.id))
    assert "is gone" in words(owner.post(f"/segments/{made.id}/delete", follow=True))


def test_nobody_writes_to_the_private_segment_of_a_colleague(
    network: Desk, owner: Person, person: MakePerson, segment: MakeSegment, message: MakeMessage
) -> None:
    ann, made = person("send_to_all"), segment(owner)
    for expression in (
        f"segment:{made.id}",
        f"all-segment:{made.id}",
        "segment:important",
        "segment:99",
        "segment:٣",
    ):
        with pytest.raises(Invalid, match="shared with you"):
            message(ann.user, audience=expression)
    with pytest.raises(Invalid, match=f"Write segment:{made.id} for"):
        message(audience="segment:important")


def test_the_export_of_a_segment_holds_those_whom_the_reader_sees(
    owner: Person, person: MakePerson, three: list[Affiliate], segment: MakeSegment
) -> None:
    key = segment(owner, shared=True).id
    text = owner.get(f"/affiliates/export?segment={key}").text
    assert len(text.splitlines()) == 3
    assert "Calm" not in text
    ann = person(*READS, "import_and_export")
    assert len(ann.get(f"/affiliates/export?segment={key}").text.splitlines()) == 1
    assert ann.get("/affiliates/export?segment=99").status_code == 404


def test_a_segment_that_names_a_lost_offer_says_so_and_holds_the_message(
    network: Desk, owner: Person, segment: MakeSegment, message: MakeMessage, three: list[Affiliate]
) -> None:
    made = segment(owner)
    draft = message(owner.user, audience=f"segment:{made.id}")
    with network.session() as session:
        session.get_one(Segment, made.id).rules = [
            {"minus": False, "rules": [{"field": "offer", "op": "on", "values": ["9"]}]}
        ]
    assert "names the offer 9" in words(owner.get(f"/segments/{made.id}"))
    assert "names the offer 9" in words(owner.get(f"/messages/{draft.id}/edit"))
    with network.session() as session, pytest.raises((Invalid, Conflict), match="names the offer 9"):
        starting.start(session, network.config, None, draft.id)
