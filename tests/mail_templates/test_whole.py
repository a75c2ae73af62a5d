"""A mail that somebody brings along comes out as it went in, to the last byte."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from tests.browser import Person
from tests.mail_templates.documents import DOCUMENTS, OWN_DESIGN
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail_templates import exchange, letters, queries, service
from webapp.mail_templates.looking import seen_with
from webapp.mail_templates.texts import Text


def stored(desk: Desk, name: str, html: str) -> queries.Template:
    with desk.session() as session:
        exchange.bring_in(session, "test", exchange.read(f"{name}.html", html.encode()))
        return queries.find(session, name)


def fields_of(page: str) -> dict[str, str]:
    """The editor's fields as a browser sends them back when nothing is changed: line ends become CRLF."""
    fields = {}
    for one in lxml_html.fromstring(page).xpath("//form[@id='message']//*[@name]"):
        if one.tag == "textarea":
            value = (one.text or "").replace("\r\n", "\n").replace("\r", "\n")
            fields[one.get("name")] = value.removeprefix("\n").replace("\n", "\r\n")
        elif one.tag == "input":
            fields[one.get("name")] = one.get("value", "")
    return fields


@pytest.mark.parametrize("name", DOCUMENTS)
def test_import_and_export_keep_every_byte(
    desk: Desk, environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"{name}.html"
    file.write_bytes(DOCUMENTS[name].encode())
    if name in ("unix", "windows"):  # through the command as people use it; the others below it
        assert CliRunner().invoke(main, ["template", "import", str(file)], env=environ).exit_code == 0
        done = CliRunner().invoke(main, ["template", "export", name], env=environ)
        assert done.stdout_bytes == file.read_bytes()
    else:
        assert stored(desk, name, DOCUMENTS[name]).text.html == DOCUMENTS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_saving_without_a_change_changes_nothing(network: Desk, owner: Person, name: str) -> None:
    before = stored(network, name, DOCUMENTS[name])
    page = owner.get(f"/templates/{name}/edit")
    assert owner.post(f"/templates/{name}/edit", fields_of(page.text)).status_code == 302
    with network.reading() as session:
        after = queries.find(session, name)
    assert (after.text, after.version) == (before.text, before.version)


def test_one_changed_line_keeps_the_line_ends_of_all_others(network: Desk, owner: Person) -> None:
    stored(network, "windows", DOCUMENTS["windows"])
    fields = fields_of(owner.get("/templates/windows/edit").text)
    fields["html"] = fields["html"].replace("See offers", "Open")
    owner.post("/templates/windows/edit", fields)
    with network.reading() as session:
        assert queries.find(session, "windows").text.html == DOCUMENTS["windows"].replace(
            "See offers", "Open"
        )


def test_the_export_over_the_page_is_the_file(network: Desk, owner: Person) -> None:
    stored(network, "windows", DOCUMENTS["windows"])
    answer = owner.get("/templates/windows/export")
    assert answer.data == DOCUMENTS["windows"].encode()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_json_of_all_brings_back_all(network: Desk) -> None:
    for name, html in DOCUMENTS.items():
        stored(network, name, html)
    with network.session() as session:
        everything = exchange.as_json(queries.templates(session))
        before = {one.slug: one.text for one in queries.templates(session)}
        for name in DOCUMENTS:
            service.delete(session, "test", name)
        brought = exchange.bring_in(session, "test", exchange.read("all.json", everything.encode()))
        assert len(brought.made) == len(DOCUMENTS)
        assert {one.slug: one.text for one in queries.templates(session)} == before


def test_a_whole_document_is_mailed_in_its_own_design(network: Desk) -> None:
    template = stored(network, "unix", OWN_DESIGN)
    with network.reading() as session:
        draft = letters.draft_of(session, network.config, template)
    seen = seen_with(draft, {"affiliate.firstname": "Dana", "network.loginurl": "https://in.example.com"})
    html = seen.preview.html
    assert 'class="ground"' not in html  # the network's layout
    assert html.count("<!--[if mso]>") == OWN_DESIGN.count("<!--[if mso]>")
    assert "@media only screen and (max-width: 640px)" in html
    assert 'href="https://in.example.com?from=mail&amp;id="' in html
    assert html.count("Unsubscribe") == 1


def test_a_fragment_is_mailed_in_the_layout_of_the_network(network: Desk) -> None:
    template = stored(network, "fragment", DOCUMENTS["fragment"])
    with network.reading() as session:
        draft = letters.draft_of(session, network.config, template)
    assert 'class="ground"' in seen_with(draft, {}).preview.html


def test_a_title_becomes_the_subject_of_an_html_file(network: Desk) -> None:
    assert stored(network, "unix", OWN_DESIGN).text.subject == "Your offers, [=Affiliate.FirstName|friend=]"


def test_html_for_a_system_template_keeps_its_subject(network: Desk) -> None:
    with network.reading() as session:
        shipped = queries.find(session, "payment_notice").text
    changed = stored(network, "payment_notice", "<p>Paid.</p>")
    assert changed.text == Text(shipped.subject, "<p>Paid.</p>", shipped.preheader)
