"""The pages of the domain check: what a person sees, may do, and what becomes of a change for the worse."""

from pathlib import Path

import pytest
from lxml import html
from werkzeug.test import TestResponse

from tests.browser import Person, heading, words
from tests.domains.northlight import DOMAIN, zone_with
from tests.domains.zones import DnsServer
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.domains import history, jobs, looks
from webapp.domains.models import DomainCheck, Look
from webapp.domains.notice import notice
from webapp.mail.signing import keys
from webapp.settings import servers, store
from webapp.settings.models import MailServer

XSS = "v=spf1 include:<script>alert(1)</script> ~all"


@pytest.fixture
def environ(tmp_path: Path, zone: DnsServer) -> dict[str, str]:
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_RESOLVER": f"127.0.0.1:{zone.port}"}


@pytest.fixture
def northlight(desk: Desk, zone: DnsServer) -> Desk:
    """A network that sends through its own server; its zone lacks the DKIM record."""
    with desk.session() as session:
        store.put(
            session, {"from_address": f"partners@{DOMAIN}", "public_url": "https://desk.northlight.example"}
        )
        values = {"host": "smtp1.northlight.example", "port": 587, "security": "starttls"}
        session.query(MailServer).update({"is_default": False})
        session.add(MailServer(public_id="x", name="smtp1", kind="smtp", values=values, is_default=True))
    zone.fresh(zone_with("- op1._domainkey.mail"))
    return desk


def checked(desk: Desk) -> DomainCheck:
    """A check as the job makes it, whenever the last one was."""
    with desk.session() as session:
        session.query(DomainCheck).update({"at": utcnow() - 2 * jobs.DAILY})
    jobs.recheck(desk)
    with desk.reading() as session:
        made = history.latest(session, DOMAIN)
    assert made is not None
    return made


def press(person: Person, desk: Desk, path: str, domain: str = DOMAIN) -> TestResponse:
    """Ask for a look, let the job make it, and open the page again."""
    page = person.post(path, {"domain": domain}, follow=True)
    desk.jobs.run_pending()
    return page if page.status_code >= 400 else person.get(page.request.full_path)


def test_a_check_says_what_to_do_first_with_the_record_to_copy(northlight: Desk, owner: Person) -> None:
    assert "Not checked yet" in words(owner.get("/domain-check"))
    page = press(owner, northlight, "/domain-check")
    assert heading(page) == DOMAIN
    seen = words(page)
    assert "Not ready" in seen
    assert "Begin with DKIM record" in seen
    assert "Nothing signs your mail" in seen
    assert "Mail leaves through smtp1 (smtp1.northlight.example)" in seen


def test_a_zone_cannot_put_markup_into_the_page(northlight: Desk, owner: Person, zone: DnsServer) -> None:
    zone.fresh(zone_with("- mail TXT"))
    zone.names.add(DOMAIN, "TXT", XSS)
    page = press(owner, northlight, "/domain-check")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in press(owner, northlight, "/domain-check/records").text


def test_what_is_no_domain_is_refused_beside_the_field(northlight: Desk, owner: Person) -> None:
    page = owner.post("/domain-check", {"domain": "localhost"})
    assert page.status_code == 400
    assert "is not the domain of an email address" in words(page)


def test_a_check_is_made_beside_the_pages(northlight: Desk, owner: Person, zone: DnsServer) -> None:
    zone.names.asked.clear()
    page = owner.post("/domain-check", {"domain": DOMAIN}, follow=True)
    assert "The DNS is being asked" in words(page)
    assert zone.names.asked == []
    (address,) = html.fromstring(page.text).xpath("//*[starts-with(@id, 'under-way')]/@hx-get")
    assert "is being asked" in words(owner.get(address))
    northlight.jobs.run_pending()
    assert owner.get(address).headers["HX-Refresh"] == "true"
    assert "Not ready" in words(owner.get(f"/domain-check?domain={DOMAIN}"))


def test_a_check_whose_process_died_is_made_by_the_sweep_or_given_up_with_the_reason(
    northlight: Desk, owner: Person
) -> None:
    owner.post("/domain-check", {"domain": DOMAIN})
    with northlight.session() as session:
        session.query(Look).update({"asked_at": utcnow() - looks.LOST_AFTER * 2})
    jobs.sweep(northlight)
    assert northlight.jobs.run_pending() == 2, "the second finds it made"
    assert "Not ready" in words(owner.get("/domain-check"))
    with northlight.session() as session:
        assert session.query(DomainCheck).count() == 1
        session.query(Look).update({"done_at": None, "asked_at": utcnow() - looks.GIVEN_UP_AFTER * 2})
    jobs.sweep(northlight)
    assert "Nobody came to make it" in words(owner.get("/domain-check"))


def test_somebody_who_checks_too_often_has_to_wait(northlight: Desk, owner: Person) -> None:
    for _ in range(looks.PER_MINUTE):
        assert owner.post("/domain-check", {"domain": DOMAIN}).status_code == 302
    assert "Wait a minute" in words(owner.post("/domain-check/records", follow=True))


def test_a_change_for_the_worse_is_said_on_the_overview_until_somebody_has_seen_it(
    northlight: Desk, owner: Person, colleague: Person, zone: DnsServer
) -> None:
    checked(northlight)
    assert "has become worse" not in words(owner.get("/"))
    zone.fresh(zone_with("- op1._domainkey.mail\n- _dmarc.mail"))
    made = checked(northlight)
    assert [(one["id"], one["was"], one["now"]) for one in made.worse if one["id"] == "D12"] == [
        ("D12", "pass", "fail")
    ]
    assert "DMARC record has become worse" in words(owner.get("/"))
    assert "has become worse" not in words(colleague.get("/"))
    assert checked(northlight).worse, "it stays as long as it is so"
    owner.post(f"/domain-check/{made.id}/seen")
    assert "has become worse" not in words(owner.get("/"))
    assert "Not ready" in words(owner.get("/domain-check/history"))


def test_a_key_that_disappears_from_the_dns_is_said_once(
    northlight: Desk, owner: Person, zone: DnsServer
) -> None:
    with northlight.session() as session:
        (key,) = keys.add(session, northlight.vault, DOMAIN, (keys.Algorithm.RSA,))
        keys.activate(session, key)
        record = keys.record_of(key)
    zone.names.add(record.name, "TXT", record.value)
    assert not checked(northlight).worse
    zone.fresh(zone_with("- op1._domainkey.mail"))
    made = checked(northlight)
    assert ("D09", "pass", "fail") in [(one["id"], one["was"], one["now"]) for one in made.worse]
    assert words(owner.get("/")).count("DKIM record has become worse") == 1
    owner.post(f"/domain-check/{made.id}/seen")
    assert not checked(northlight).worse, "nothing is new"
    assert "has become worse" not in words(owner.get("/"))


def test_what_is_better_again_is_not_said_any_more(northlight: Desk, zone: DnsServer) -> None:
    checked(northlight)
    zone.fresh(zone_with("- _dmarc.mail"))
    assert checked(northlight).worse
    zone.fresh(zone_with(""))
    assert [one["id"] for one in checked(northlight).worse if one["id"] == "D12"] == []


def test_a_silent_name_server_is_no_change_for_the_worse() -> None:
    good = [{"id": "D05", "title": "SPF", "verdict": "pass", "words": ""}]
    silent = [{**good[0], "verdict": "unknown"}]
    bad = [{**good[0], "verdict": "fail"}]
    assert history.worse(good, [], silent) == []
    assert history.worse(silent, [], bad) == []
    noted = history.worse(good, [], bad)
    assert history.worse(bad, noted, silent) == noted


def test_the_job_checks_once_a_day(northlight: Desk, zone: DnsServer) -> None:
    jobs.recheck(northlight)
    jobs.recheck(northlight)
    with northlight.reading() as session:
        assert session.query(DomainCheck).count() == 1
        assert notice(session) is None


def test_the_assistant_proposes_a_subdomain_with_the_whole_zone(
    northlight: Desk, owner: Person, zone: DnsServer
) -> None:
    zone.fresh("northlight.example SOA ns1.northlight.example 1\nnorthlight.example MX 10 mx.northlight.example\n"
               "smtp1.northlight.example A 203.0.113.25")  # fmt: skip
    with northlight.session() as session:
        (made,) = keys.add(session, northlight.vault, DOMAIN, keys.Algorithm)[:1]
    assert "Not looked up yet" in words(owner.get("/domain-check/records?domain=northlight.example"))
    page = press(owner, northlight, "/domain-check/records?domain=northlight.example")
    assert heading(page) == "Records of mail.northlight.example"
    text = owner.get("/domain-check/records?domain=northlight.example&as=text").text.splitlines()
    assert text[:3] == [
        "mail.northlight.example. IN A 203.0.113.25",
        "mail.northlight.example. IN MX 10 mx.northlight.example.",
        'mail.northlight.example. IN TXT "v=spf1 ip4:203.0.113.25 ~all"',
    ]
    assert text[3].startswith(
        f'{made.selector}._domainkey.mail.northlight.example. IN TXT "v=DKIM1; k=rsa; p='
    )
    assert text[-2].startswith('_dmarc.mail.northlight.example. IN TXT "v=DMARC1; p=none; rua=')
    assert text[-1] == "go.mail.northlight.example. IN CNAME desk.northlight.example."
    assert "$ORIGIN northlight.example. mail IN A 203.0.113.25" in words(page)


def test_what_is_there_already_is_not_to_be_replaced_and_bounces_have_records_of_their_own(
    northlight: Desk, owner: Person, zone: DnsServer
) -> None:
    with northlight.session() as session:
        store.put(session, {"bounce_address": "b@bounce.northlight.example"})
    press(owner, northlight, "/domain-check/records")
    text = owner.get("/domain-check/records?as=text").text
    assert "bounce.northlight.example. IN MX 10 mx.northlight.example." in text
    assert 'bounce.northlight.example. IN TXT "v=spf1 ip4:203.0.113.25 ~all"' in text
    zone.names.add("bounce.northlight.example", "TXT", "v=spf1 ip4:203.0.113.25 ~all")
    press(owner, northlight, "/domain-check/records")
    assert "in the place of" not in owner.get("/domain-check/records?as=text").text


def test_a_key_signs_once_its_record_is_seen_and_rotates_beside_the_old_one(
    northlight: Desk, owner: Person, zone: DnsServer
) -> None:
    owner.post("/domain-check/keys", {"domain": DOMAIN, "kind": "rsa"})
    with northlight.reading() as session:
        (first,) = keys.every(session, DOMAIN)
    zone.names.asked.clear()
    assert "is being asked" in words(owner.post(f"/domain-check/keys/{first.id}/activate", follow=True))
    assert zone.names.asked == []
    northlight.jobs.run_pending()
    assert "There is no TXT record" in words(owner.get("/domain-check/keys"))
    zone.names.add(keys.record_of(first).name, "TXT", keys.record_of(first).value)
    assert "holds our key" in words(press(owner, northlight, f"/domain-check/keys/{first.id}/look"))
    assert "is signed with op1" in words(press(owner, northlight, f"/domain-check/keys/{first.id}/activate"))
    assert "Made op2" in words(owner.post(f"/domain-check/keys/{first.id}/rotate", follow=True))
    with northlight.reading() as session:
        assert [key.state for key in keys.every(session, DOMAIN)] == ["active", "pending"]
        second = keys.find(session, DOMAIN, "op2")
    zone.names.add(keys.record_of(second).name, "TXT", keys.record_of(second).value)
    assert "Leave the record of op1 for a week" in words(
        press(owner, northlight, f"/domain-check/keys/{second.id}/activate")
    )
    assert second.sealed not in owner.get("/domain-check/keys").text


@pytest.mark.parametrize("path", ["", "/keys", "/records", "/history", "/live"])
def test_whoever_lacks_the_right_is_told_so(colleague: Person, stranger: Person, path: str) -> None:
    assert colleague.get(f"/domain-check{path}").status_code == 403
    assert stranger.get(f"/domain-check{path}").status_code == 302


def test_the_default_folder_needs_no_address(desk: Desk, owner: Person, zone: DnsServer) -> None:
    with desk.reading() as session:
        assert servers.saved(session)
    assert "No from address yet" in words(owner.get("/domain-check"))
    assert owner.get("/domain-check/records").status_code == 302
    assert zone.names.asked == [], "nothing is asked about a domain that nobody named"
