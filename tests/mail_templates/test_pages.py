"""The pages of templates: the list, the editor, versions and the way back."""

import json

from tests.browser import Person, words
from tests.network import MakeAffiliate
from webapp.desk import Desk
from webapp.mail.models import MailContent, OutboxMail
from webapp.mail_templates import letters, queries

URL = "/templates/payment_notice"
HTML = "<p>Hi [=Affiliate.FirstName|there=], you are paid.</p>"


def typed(seen: int = 0, **fields: str) -> dict[str, str]:
    return {"subject": "Paid", "preheader": "", "html": HTML, "text": "", "seen": str(seen), **fields}


def now(desk: Desk, slug: str = "payment_notice") -> queries.Template:
    with desk.reading() as session:
        return queries.find(session, slug)


def test_the_list_says_what_sends_each_and_what_was_changed(network: Desk, owner: Person) -> None:
    page = words(owner.get("/templates"))
    assert "Application Approved" in page
    assert "An application is approved" in page
    assert "as shipped" in page
    owner.post(f"{URL}/edit", typed())
    assert "Payment Notice" in words(owner.get("/templates?state=changed"))
    assert "Mara Lindqvist" in words(owner.get("/templates?sort=-changed"))


def test_a_search_without_a_match_says_so(network: Desk, owner: Person) -> None:
    assert "Nothing matches" in words(owner.get("/templates?q=zebra"))
    assert "no template of your own yet" in words(owner.get("/templates?state=custom"))


def test_a_changed_text_is_what_the_next_mail_says(network: Desk, owner: Person) -> None:
    assert owner.post(f"{URL}/edit", typed(text="You are paid.")).status_code == 302
    with network.reading() as session:
        letter = letters.letter(session, network.config, "payment_notice")
    assert letter is not None
    assert (letter.subject, letter.html, letter.text) == ("Paid", HTML, "You are paid.")


def test_an_unknown_token_is_refused_and_what_was_typed_stays(network: Desk, owner: Person) -> None:
    page = owner.post(
        f"{URL}/edit", typed(html="<p>kept</p>\n[=Affiliate.FistName=]", preheader="[=OfferName=]")
    )
    said = words(page)
    assert "Line 2: [=Affiliate.FistName=] is not a token. Did you mean [=Affiliate.FirstName=]?" in said
    assert "Preheader: [=OfferName=] is not available in this kind of mail" in said
    assert "&lt;p&gt;kept&lt;/p&gt;" in page.text
    assert not now(network).changed


def test_who_saves_second_is_told_and_loses_nothing(network: Desk, owner: Person) -> None:
    owner.post(f"{URL}/edit", typed(subject="First"))
    page = owner.post(f"{URL}/edit", typed(seen=0, subject="Second"))
    assert "Somebody saved this template after you opened it" in words(page)
    assert 'value="Second"' in page.text
    assert now(network).text.subject == "First"


def test_each_saved_text_is_a_version_that_can_be_compared_and_restored(network: Desk, owner: Person) -> None:
    owner.post(f"{URL}/edit", typed(subject="First"))
    owner.post(f"{URL}/edit", typed(seen=1, subject="Second", html=HTML + "\n<p>More.</p>"))
    assert "Version 2 counts now" in words(owner.get(f"{URL}/versions"))
    page = owner.get(f"{URL}/versions/1").text
    assert "<del>First</del>" in page
    assert "<ins>&lt;p&gt;More.&lt;/p&gt;</ins>" in page
    owner.post(f"{URL}/versions/1/restore")
    assert (now(network).text.subject, now(network).version) == ("First", 3)
    assert "Version 1 again" in words(owner.get(f"{URL}/versions"))


def test_the_shipped_text_comes_back_and_the_own_one_stays_a_version(network: Desk, owner: Person) -> None:
    owner.post(f"{URL}/edit", typed())
    assert "what we ship" in words(owner.get(f"{URL}/reset"))
    owner.post(f"{URL}/reset")
    assert now(network).text.subject == "Your payment is on its way"
    assert "Version 1" in words(owner.get(f"{URL}/versions"))


def test_a_template_that_is_off_mails_nothing_until_it_is_on_again(network: Desk, owner: Person) -> None:
    for on in (False, True):
        owner.post(f"{URL}/switch", {"on": "1" if on else "0"})
        with network.reading() as session:
            assert (letters.letter(session, network.config, "payment_notice") is not None) is on


def test_a_new_password_can_always_be_mailed(network: Desk, owner: Person) -> None:
    page = owner.post("/templates/password_reset/switch", {"on": "0"})
    assert page.status_code == 409
    assert "can’t be switched off" in words(page)
    assert "Switch off" not in words(owner.get("/templates/password_reset/edit"))


def test_a_custom_template_is_made_used_and_deleted(network: Desk, owner: Person) -> None:
    made = owner.post("/templates/new", typed(name="December news", context="message"))
    assert made.location == "/templates/december_news/edit"
    page = owner.get("/messages/new?template=december_news")
    assert "you are paid" in page.text
    form = {"audience": "all", "kind": "announcement", "sender": "", "server": "", "group": "", "name": ""}
    owner.post("/messages/new", {**form, **typed(), "template": "december_news"})
    assert "1 message began with it" in words(owner.get("/templates"))
    owner.post("/templates/december_news/delete")
    assert owner.get("/templates/december_news/edit").status_code == 404


def test_a_system_template_cant_be_deleted_and_a_name_is_given_once(network: Desk, owner: Person) -> None:
    assert owner.post(f"{URL}/delete").status_code == 409
    assert "There is a template" in words(
        owner.post("/templates/new", typed(name="Payment notice", context="message"))
    )


def test_the_frame_shows_an_affiliate_and_examples_for_the_event(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    one = affiliate("Adtrail", first_name="Dana")
    page = owner.get(f"/templates/payout_change/preview?as={one.id}")
    assert "Hi Dana" in words(page)
    assert "$24.00" in words(page)
    assert page.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    example = typed(html="[=NewPayout=] for [=Affiliate.CompanyName=]", template="payout_change")
    assert "$24.00 for Bright Leads LLC" in words(owner.post("/templates/preview", example))


def test_the_frame_shows_the_mail_in_dark_as_in_light_colours(network: Desk, owner: Person) -> None:
    light = owner.post("/templates/preview", typed(template="payment_notice", colours="light")).text
    dark = owner.post("/templates/preview", typed(template="payment_notice", colours="dark")).text
    assert "@media (max-width: 0)" in light
    assert "@media (min-width: 0)" in dark
    assert "prefers-color-scheme" not in light + dark


def test_who_sees_no_details_of_affiliates_previews_with_examples_only(
    network: Desk, person: object, affiliate: MakeAffiliate
) -> None:
    one = affiliate("Secret Partner", email="secret@partner.example.com")
    designer = person("manage_templates")  # type: ignore[operator]
    page = designer.get(f"{URL}/edit?as={one.id}")
    assert "Secret Partner" not in page.text
    assert "secret@partner" not in designer.get(f"{URL}/preview?as={one.id}").text


def test_a_test_mail_leaves_through_the_outbox_with_the_templates_tokens(
    network: Desk, owner: Person
) -> None:
    assert owner.user is not None
    owner.post("/templates/payout_change/test", {"to": str(owner.user.id), "as": ""})
    with network.reading() as session:
        (mail,) = session.query(OutboxMail).all()
        content = session.get_one(MailContent, mail.content_id)
    assert mail.address == owner.user.email
    assert content.context == "payout_change"
    assert content.draft["subject"].startswith("[Test] ")
    assert owner.get(f"/templates/payout_change/test/{mail.id}").status_code == 200
    assert owner.get(f"{URL}/test/{mail.id}").status_code == 404


def test_hostile_words_stay_words(network: Desk, owner: Person) -> None:
    hostile = '"><script>alert(1)</script>{{7*7}}{% for %}'
    owner.post("/templates/new", typed(name=f"x{hostile}", subject=hostile, context="message"))
    for page in ("/templates", "/templates/x_script_alert_1_script_7_7_for/edit"):
        text = owner.get(page).text
        assert "<script>alert" not in text
        assert "{{7*7}}" in text


def test_a_template_larger_than_half_a_megabyte_is_refused(network: Desk, owner: Person) -> None:
    page = owner.post(f"{URL}/edit", typed(html="x" * (512 * 1024 + 1)))
    assert "longer than 524,288 bytes" in words(page)


def test_the_import_page_takes_a_file_whole_or_not_at_all(network: Desk, owner: Person) -> None:
    def upload(name: str, content: str, **more: str) -> str:
        import io

        return words(
            owner.post(
                "/templates/import",
                {"file": (io.BytesIO(content.encode()), name), **more},
                content_type="multipart/form-data",
                follow=True,
            )
        )

    rows = [
        {"name": "One", "subject": "s", "html": "<p>1</p>"},
        {"name": "Two", "subject": "s", "html": "[=Wrong=]"},
    ]
    said = upload("all.json", json.dumps({"templates": rows}))
    assert "template Two: Line 1: [=Wrong=] is not a token" in said
    assert owner.get("/templates/one/edit").status_code == 404
    assert "Imported: 1 new" in upload("hello.html", "<p>Hello</p>")
    assert "Say that it may be replaced" in upload("hello.html", "<p>Hi</p>")
    assert "Imported: 1 changed" in upload("hello.html", "<p>Hi</p>", replace="y")
    assert "is neither .html nor .json" in upload("hello.docx", "x")
    assert "can’t be read as JSON" in upload("all.json", "{")
