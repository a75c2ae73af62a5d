"""Lee Munroe's public mail template, as people bring it along: it goes in, through the editor, and comes out whole."""

import pytest

from tests.browser import Person
from tests.mail_templates.test_whole import fields_of, stored
from tests.naughty.test_naughty_strings import skeleton, taken_apart
from tests.public_texts import packed
from webapp.desk import Desk
from webapp.mail_templates import queries
from webapp.mailcheck import templates
from webapp.mailcheck.samples import Sample
from webapp.verdict import Verdict

PACKAGE = "responsive-html-email-template-1.0.0.tgz"


@pytest.mark.parametrize("name", ["email", "email-inlined"])
def test_a_public_template_comes_out_whole(network: Desk, owner: Person, name: str) -> None:
    html = packed(PACKAGE, f"{name}.html").decode()
    before = stored(network, name, html)
    assert before.text.html == html
    page = owner.get(f"/templates/{before.slug}/edit")
    assert owner.post(f"/templates/{before.slug}/edit", fields_of(page.text)).status_code == 302
    with network.reading() as session:
        after = queries.find(session, name)
        assert after.text.html == html
        found = templates.check(network, session, after, [Sample("an example", None)])
    (mail,) = found.mails
    _, text, composed = taken_apart(mail.raw, mail.about.planned)
    brought, sent = skeleton(html), skeleton(composed)
    lost = {tag for tag in brought if " " not in tag and sent[tag] < brought[tag]}
    assert lost == set()
    assert "Unsubscribe" in text
    assert [one.rule.id for one in found.checks if one.finding.verdict is Verdict.FAIL] == []
