"""The check where people meet it: before sending, beside a template, and at the command line."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.browser import Person, words
from tests.mail.check.letters import letter
from tests.network import MakeMessage
from webapp.accounts.models import AuditEntry
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import mail_check
from webapp.broadcasts.models import Broadcast
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mailcheck import samples

PHISHING = (
    '<p>Hi [=Affiliate.FirstName|there=], look: <a href="https://evil.example/">https://bank.example/</a></p>'
)


def press(person: Person, draft: Broadcast, **fields: str):  # type: ignore[no-untyped-def]
    page = person.get(f"/messages/{draft.id}/review").text
    approved = page.partition('name="approved" value="')[2].partition('"')[0]
    return person.post(f"/messages/{draft.id}/send", {"approved": approved, "missing": "skip", **fields})


def started(desk: Desk) -> int:
    with desk.reading() as session:
        return session.query(Mailing).count()


def test_the_review_shows_the_worst_first_and_folds_what_has_nothing_to_say(
    network: Desk, owner: Person, three: None, message: MakeMessage
) -> None:
    page = owner.get(f"/messages/{message(html=PHISHING).id}/review")
    said = words(page)
    assert "shows bank.example and leads to evil.example, as phishing does" in said
    assert re.search(r"\d+ rules with nothing to say", said)
    assert said.index("phishing") < said.index("with nothing to say")
    assert "(the longest values)" in said


def test_a_doubtful_message_is_sent_only_with_a_reason_that_the_log_keeps(
    network: Desk, owner: Person, three: None, message: MakeMessage
) -> None:
    draft = message(html=PHISHING)
    refused = press(owner, draft)
    assert "Solve it, or write why the message is sent anyway" in words(refused)
    assert started(network) == 0
    assert press(owner, draft, anyway="The bank moved").status_code == 302
    with network.reading() as session:
        entry = session.query(AuditEntry).filter_by(action="message.check_overruled").one()
        assert entry.detail == {"rules": "M13", "reason": "The bank moved"}


def test_what_the_law_asks_for_has_no_anyway(
    network: Desk, owner: Person, three: None, message: MakeMessage
) -> None:
    hidden = (
        '<div style="display:none">[=Network.Address=] <a href="[=Unsubscribe.Link=]">Unsubscribe</a></div>'
    )
    draft = message(html=f"<p>Hi [=Affiliate.FirstName|there=], Solara pays more.</p>{hidden}")
    page = owner.get(f"/messages/{draft.id}/review")
    assert "Nobody sees the link to unsubscribe" in words(page)
    assert 'name="approved"' not in page.text
    owner.post(f"/messages/{draft.id}/send", {"approved": "", "missing": "skip", "anyway": "I want to"})
    assert started(network) == 0


def test_a_sound_message_asks_for_no_reason(
    network: Desk, owner: Person, three: None, message: MakeMessage
) -> None:
    draft = message()
    assert 'name="anyway"' not in owner.get(f"/messages/{draft.id}/review").text
    assert press(owner, draft).status_code == 302


def test_the_samples_are_the_longest_the_barest_and_the_first(network: Desk, three: None) -> None:
    with network.reading() as session:
        found = samples.pick(session, select(Affiliate.id))
        assert [one.address.partition("@")[0] for one in found] == ["max", "bare", "emma"]
        assert [
            one.affiliate for one in samples.pick(session, select(Affiliate.id).where(Affiliate.id < 0))
        ] == [None]


def test_who_lacks_a_value_is_looked_at_only_when_he_gets_the_mail(
    network: Desk, three: None, message: MakeMessage
) -> None:
    draft = message()  # it names the company, which one of them has not
    with network.reading() as session:
        broadcast = session.get_one(Broadcast, draft.id)
        with_gaps = mail_check.check(network, session, broadcast, skipping=False)
        without = mail_check.check(network, session, broadcast, skipping=True)
    assert "bare@leer.example.net" in {one.sample.address for one in with_gaps.mails}
    assert "bare@leer.example.net" not in {one.sample.address for one in without.mails}


def test_counted_links_are_judged_by_where_they_lead_the_reader(
    network: Desk, three: None, message: MakeMessage
) -> None:
    draft = message(
        html='<p>Hi [=Affiliate.CompanyName=] <a href="https://solara.example/">Solara</a></p>',
        counts_clicks=True,
    )
    with network.reading() as session:
        found = mail_check.check(network, session, session.get_one(Broadcast, draft.id), skipping=True)
    assert b"/c/0." in found.mails[0].raw.replace(b"=\r\n", b"")
    assert not [one for one in found.loud if one.rule.id == "M13"]


def test_a_template_has_its_check_and_a_colleague_without_details_sees_no_affiliate(
    network: Desk, person, three: None
) -> None:
    mine = person("manage_templates", "view_all_affiliates", "view_affiliate_details")
    assert "Größte Vermittlungsgesellschaft" in words(mine.get("/templates/offer_announcement/mail-check"))
    page = words(person("manage_templates").get("/templates/offer_announcement/mail-check"))
    assert "example values" in page
    assert "Größte Vermittlungsgesellschaft" not in page


def test_what_others_say_comes_as_a_part_of_the_page_and_without_javascript_as_a_page(
    network: Desk, owner: Person, three: None, monkeypatch: pytest.MonkeyPatch, message: MakeMessage
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    address = f"/messages/{message().id}/mail-check"
    assert "There is no spam filter" not in words(owner.get(f"{address}?outside=1")), "a link asks nobody"
    whole, part = owner.post(address), owner.post(address, headers={"HX-Request": "true"})
    for page in (whole, part):
        assert "There is no spam filter on this machine" in words(page)
    assert "<html" in whole.text
    assert "<html" not in part.text


def test_the_command_judges_a_file_a_message_and_a_template(
    network: Desk, three: None, message: MakeMessage, tmp_path: Path
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(letter(Subject="RE: money", Date="Tue, 2 Jan 2024 12:00:00 +0000"))
    number = str(message(html=PHISHING).id)
    expected = {
        ("M15", "fail"): [str(file)],
        ("M13", "fail"): ["--message", number],
        ("M13", "pass"): ["--template", "send_creatives"],
    }
    for result, arguments in expected.items():
        answer = CliRunner().invoke(main, ["check-mail", *arguments, "--json"], obj=lambda: network)
        said = {(one["id"], one["verdict"]) for one in json.loads(answer.stdout)["results"]}
        assert result in said
        assert answer.exit_code == int("fail" in {verdict for _, verdict in said})
        assert ("M01", "pass") in said
    assert CliRunner().invoke(main, ["check-mail"], obj=lambda: network).exit_code == 2
    assert CliRunner().invoke(main, ["check-mail", "--message", "99"], obj=lambda: network).exit_code == 1


def test_the_command_that_starts_a_message_asks_for_the_reason_too(
    network: Desk, three: None, message: MakeMessage
) -> None:
    number = str(message(html=PHISHING).id)
    refused = CliRunner().invoke(main, ["broadcast", "start", number], obj=lambda: network)
    assert (refused.exit_code, started(network)) == (1, 0)
    assert "phishing" in refused.output
    CliRunner().invoke(main, ["broadcast", "start", number, "--anyway", "It is ours"], obj=lambda: network)
    assert started(network) == 1
