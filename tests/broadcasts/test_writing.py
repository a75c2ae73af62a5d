"""Writing a message: what is stored, what is refused, and that nothing typed is lost."""

from tests.browser import Person, words
from tests.network import HTML, MakeAffiliate, MakeMessage
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk

FORM = {"audience": "all", "group": "", "sender": "", "kind": "announcement", "server": "", "name": ""}


def typed(**fields: str) -> dict[str, str]:
    return {**FORM, "subject": "Solara pays more", "html": HTML, **fields}


def stored(desk: Desk) -> list[Broadcast]:
    with desk.reading() as session:
        return session.query(Broadcast).all()


def test_the_empty_list_says_what_to_do_next(network: Desk, owner: Person) -> None:
    page = owner.get("/messages")
    assert "No messages yet" in words(page)
    assert 'href="/messages/new"' in page.text


def test_a_message_is_stored_as_a_draft(network: Desk, owner: Person) -> None:
    answer = owner.post("/messages/new", typed(name="December rise"))
    assert answer.status_code == 302
    (draft,) = stored(network)
    assert (draft.name, draft.subject, draft.mailing_id) == ("December rise", "Solara pays more", None)
    assert "December rise" in words(owner.get("/messages"))


def test_a_message_without_a_name_is_called_by_its_subject(network: Desk, owner: Person) -> None:
    owner.post("/messages/new", typed())
    assert stored(network)[0].name == "Solara pays more"


def test_an_unknown_token_is_refused_with_its_line_and_the_nearest_one(network: Desk, owner: Person) -> None:
    page = owner.post("/messages/new", typed(html="<p>Hi</p>\n<p>[=Affiliate.FistName=]</p>"))
    said = words(page)
    assert "Line 2: [=Affiliate.FistName=] is not a token. Did you mean [=Affiliate.FirstName=]?" in said
    assert "[=Affiliate.FistName=]" in page.text
    assert not stored(network)


def test_what_was_typed_stays_after_a_refusal(network: Desk, owner: Person) -> None:
    page = owner.post("/messages/new", typed(subject="Kept", html="<p>kept [=Nonsense=]</p>"))
    assert 'value="Kept"' in page.text
    assert "kept [=Nonsense=]" in page.text
    assert "Nothing was saved" in words(page)


def test_a_lint_line_offers_the_token_to_put_in_its_place(network: Desk, owner: Person) -> None:
    page = owner.post("/messages/new", typed(html="[=Affiliate.FistName=]"))
    assert 'data-with="[=Affiliate.FirstName=]"' in page.text


def test_an_unknown_token_in_the_subject_is_refused(network: Desk, owner: Person) -> None:
    page = owner.post("/messages/new", typed(subject="For [=Affiliate.Frstname=]"))
    assert "Did you mean [=Affiliate.FirstName=]?" in words(page)


def test_a_subject_is_asked_for(network: Desk, owner: Person) -> None:
    assert "Write a subject" in words(owner.post("/messages/new", typed(subject=" ")))


def test_a_half_written_draft_may_be_saved(network: Desk, owner: Person) -> None:
    owner.post("/messages/new", typed(html=""))
    assert stored(network)[0].html == ""


def test_a_group_must_be_chosen_for_a_group_message(network: Desk, owner: Person) -> None:
    assert "Choose the group" in words(owner.post("/messages/new", typed(audience="group")))


def test_a_group_message_keeps_its_group(network: Desk, owner: Person, affiliate: MakeAffiliate) -> None:
    affiliate(group="Gold partners")
    owner.post("/messages/new", typed(audience="group", group="Gold partners"))
    (draft,) = stored(network)
    page = owner.get(f"/messages/{draft.id}/edit")
    assert '<option selected value="Gold partners">' in page.text


def test_an_affiliate_manager_is_offered_only_his_own_affiliates(network: Desk, writer: Person) -> None:
    page = writer.get("/messages/new")
    assert "My affiliates" in page.text
    assert "All affiliates" not in page.text


def test_an_affiliate_manager_cant_store_a_message_to_all(network: Desk, writer: Person) -> None:
    writer.post("/messages/new", typed(audience="all"))
    assert not stored(network)


def test_writing_as_a_colleague_needs_a_right(network: Desk, writer: Person, owner: Person) -> None:
    assert owner.user is not None
    writer.post("/messages/new", typed(audience="my", sender=str(owner.user.id)))
    assert not stored(network)


def test_somebody_elses_draft_does_not_exist_for_others(
    network: Desk, writer: Person, owner: Person, message: MakeMessage
) -> None:
    draft = message(user=owner.user, audience="my")
    for path in ("edit", "review", "test", "delete", "preview/1"):
        assert writer.get(f"/messages/{draft.id}/{path}").status_code == 404


def test_a_draft_is_deleted_after_a_question(network: Desk, owner: Person, message: MakeMessage) -> None:
    draft = message()
    assert "Delete the draft" in words(owner.get(f"/messages/{draft.id}/delete"))
    assert stored(network)
    owner.post(f"/messages/{draft.id}/delete")
    assert not stored(network)


def test_the_audience_is_counted_while_writing(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    affiliate("Adtrail")
    affiliate("Bluewave")
    part = owner.post("/messages/audience", typed())
    assert "2 will get it" in words(part)
    assert "Adtrail, Bluewave" in words(part)


def test_a_hostile_name_stays_text(network: Desk, owner: Person, affiliate: MakeAffiliate) -> None:
    affiliate("<script>alert(1)</script>", first_name='"><img src=x onerror=alert(2)>')
    owner.post("/messages/new", typed(subject="<b>Hi</b> [=Affiliate.FirstName=]", name="<i>x</i>"))
    (draft,) = stored(network)
    for path in ("/messages", f"/messages/{draft.id}/edit", f"/messages/{draft.id}/review"):
        page = owner.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<i>x</i>" not in page
