"""The mail before it leaves: in its frame, in words, and as a test."""

import json

import pytest

from tests.broadcasts.test_writing import typed
from tests.browser import Person, words
from tests.network import HTML, MakeAffiliate, MakeMessage
from webapp.desk import Desk
from webapp.mail.models import MailContent, OutboxMail

HOSTILE = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'


def test_the_frame_shows_the_mail_of_a_real_affiliate(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one = affiliate("Adtrail", first_name="Dana")
    page = owner.get(f"/messages/{message().id}/preview/{one.id}")
    assert "Hi Dana, good news for Adtrail." in words(page)


def test_the_frame_runs_no_script_and_asks_no_other_host(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one = affiliate()
    policy = owner.get(f"/messages/{message().id}/preview/{one.id}").headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "https:" not in policy


@pytest.mark.parametrize("field", ["company", "first_name", "last_name"])
def test_a_hostile_value_stays_text_in_the_frame(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage, field: str
) -> None:
    one = affiliate(**{"company": "Adtrail", field: HOSTILE})
    page = owner.get(f"/messages/{message().id}/preview/{one.id}").text
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_the_frame_follows_what_is_typed_before_it_is_saved(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    one = affiliate("Adtrail")
    page = owner.post(
        "/messages/preview", typed(html="<p>Typed for [=Affiliate.CompanyName=]</p>", **{"as": str(one.id)})
    )
    assert "Typed for Adtrail" in words(page)
    assert "sandbox" in page.headers["Content-Security-Policy"]


def test_the_frame_says_what_is_wrong_with_a_broken_draft(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    affiliate()
    page = owner.post("/messages/preview", typed(html="[=Nonsense=]<script>x</script>"))
    assert "Nonsense" in words(page)
    assert "<script>" not in page.text


def test_subject_sender_and_missing_values_stand_beside_the_frame(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    one = affiliate("", first_name="Dana")
    part = words(
        owner.post("/messages/check", typed(subject="For [=Affiliate.FirstName=]", **{"as": str(one.id)}))
    )
    assert "For Dana" in part
    assert "partners@mail.northlight.example.com" in part
    assert "has no value for Affiliate.CompanyName" in part


def test_the_tokens_stand_there_with_the_affiliates_values(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    affiliate("Adtrail", first_name="Dana")
    page = owner.get("/messages/new").text
    assert 'data-token="[=Affiliate.FirstName=]"' in page
    assert "<span>Dana</span>" in page


def test_an_affiliate_manager_previews_only_as_his_own(
    network: Desk, writer: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    assert writer.user is not None
    own, other = affiliate("Own", manager_id=writer.user.id), affiliate("Other")
    draft = message(user=writer.user, audience="my")
    assert writer.get(f"/messages/{draft.id}/preview/{own.id}").status_code == 200
    assert writer.get(f"/messages/{draft.id}/preview/{other.id}").status_code == 404
    assert "Other" not in writer.get(f"/messages/{draft.id}/edit?as={other.id}").text.partition("<aside")[2]


def test_a_test_mail_goes_to_oneself_filled_as_the_affiliate(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one = affiliate("Adtrail", first_name="Dana")
    draft = message()
    assert owner.user is not None
    answer = owner.post(f"/messages/{draft.id}/test", {"as": str(one.id), "to": str(owner.user.id)})
    with network.reading() as session:
        mail = session.query(OutboxMail).one()
        assert (mail.address, mail.state, mail.mailing_id) == ("mara@desk.example.com", "queued", None)
        assert session.get_one(MailContent, mail.content_id).draft["subject"] == "[Test] Solara pays more"
        values = json.loads(network.vault.decrypt(mail.values or "", row=f"outbox:{mail.key}"))
        assert values["affiliate.firstname"] == "Dana"
    assert "It waits to be sent" in words(owner.get(answer.location))


def test_a_test_mail_goes_to_nobody_outside(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one, draft = affiliate(), message()
    for to in ("999", one.email):
        owner.post(f"/messages/{draft.id}/test", {"as": str(one.id), "to": to})
    with network.reading() as session:
        assert [mail.address for mail in session.query(OutboxMail)] in ([], ["mara@desk.example.com"])


def test_the_eleventh_test_mail_within_an_hour_is_refused(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one, draft = affiliate(), message()
    assert owner.user is not None
    for _ in range(11):
        answer = owner.post(f"/messages/{draft.id}/test", {"as": str(one.id), "to": str(owner.user.id)})
    assert "10 test mails an hour are the limit" in words(owner.get(answer.location))
    with network.reading() as session:
        assert session.query(OutboxMail).count() == 10


def test_a_test_mail_of_another_message_is_not_shown(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one, draft, other = affiliate(), message(), message(html=HTML)
    answer = owner.post(f"/messages/{draft.id}/test", {"as": str(one.id), "to": "1"})
    mail_id = answer.location.rpartition("/")[2]
    assert owner.get(f"/messages/{draft.id}/test/{mail_id}").status_code == 200
    assert owner.get(f"/messages/{other.id}/test/{mail_id}").status_code == 404
