"""The texts that we ship: each can be mailed as it is, says what it is about, and reads well without values."""

import re

import pytest

from webapp.desk import Desk
from webapp.mail.compose import compile_message
from webapp.mail.tokens import parse
from webapp.mail.tokens.catalogue import CONTEXTS, example_values
from webapp.mail_templates import layout, letters, queries
from webapp.mail_templates.catalogue import DEFAULTS, SYSTEM
from webapp.mail_templates.texts import problems_of

EVENT_TOKENS = {
    "application_submitted": "emailconfirmation.link",
    "application_approved": "taxdoc",
    "application_denied": "denialreason",
    "campaign_request_approved": "trackingurl",
    "campaign_request_denied": "denialreason",
    "send_creatives": "creatives",
    "password_reset": "passwordreset.link",
    "cap_notification": "cappercent",
    "offer_announcement": "offerpayout",
    "payout_change": "effectivedate",
    "offer_paused": "pausereason",
    "offer_ending": "effectivedate",
    "tax_document_reminder": "taxdoc",
}


@pytest.mark.parametrize("slug", SYSTEM)
def test_a_shipped_text_has_nothing_to_solve(slug: str) -> None:
    template = SYSTEM[slug]
    assert template.context in CONTEXTS
    assert problems_of(template.default, template.context) == []
    assert template.default.subject
    assert template.default.preheader


def test_shipped_texts_can_be_mailed_and_leave_no_gap_for_a_name(network: Desk) -> None:
    with network.reading() as session:
        drafts = [(one, letters.draft_of(session, network.config, one)) for one in queries.templates(session)]
    for template, draft in drafts:
        values = example_values(template.context)
        unknown = {key: value for key, value in values.items() if not key.startswith("affiliate")}
        compiled = compile_message(draft, context=template.context)
        assert [name for name in compiled.missing(unknown) if name.startswith("AffiliateManager")] == []
        preview = compiled.preview(unknown)
        for part in (preview.html, preview.text, preview.subject):
            assert "[=" not in part, template.slug
        assert not re.search(r"(Hi|Hello) ,", preview.text), template.slug
        assert len(preview.text.split()) < 190, template.slug  # short


def test_every_event_token_is_used_where_it_belongs() -> None:
    for slug, key in EVENT_TOKENS.items():
        text = SYSTEM[slug].default
        assert key in {token.key for each in (text.subject, text.html) for token in parse(each).tokens}, slug


def test_every_kind_of_mail_has_a_template_and_every_file_a_template() -> None:
    assert {one.context for one in SYSTEM.values()} == CONTEXTS
    assert {file.stem for file in DEFAULTS.iterdir()} == set(SYSTEM)


def test_buttons_are_readable_where_no_style_sheet_is(network: Desk) -> None:
    with network.reading() as session:
        draft = letters.draft_of(session, network.config, queries.find(session, "password_reset"))
    html = compile_message(draft, context="password_reset").preview({}).html
    (button,) = re.findall(r'<a class="button"[^>]*style="([^"]*)"', html)
    assert f"background: {layout.Layout().accent}" in button
    assert "color: #ffffff" in button


def test_an_approval_before_the_affiliate_has_a_link_promises_it_and_shows_no_gap(network: Desk) -> None:
    template = SYSTEM["campaign_request_approved"]
    with network.reading() as session:
        draft = letters.draft_of(session, network.config, queries.find(session, template.slug))
    values = {**example_values(template.context), "trackingurl": ""}
    text = compile_message(draft, context=template.context).preview(values).text
    assert "Your tracking link is being made" in text
    assert "Your tracking link:" not in text
