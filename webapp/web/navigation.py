"""The rail: what stands where, and who sees it. An entry is drawn only for those who may open it."""

from dataclasses import dataclass

from flask import Flask, current_app

from webapp.web.access import SIGNED_IN, may, rights_of


@dataclass(frozen=True)
class Entry:
    endpoint: str
    icon: str
    label: str


RAIL: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("dashboard.overview", "layout-dashboard", "Overview"),
            Entry("broadcasts.index", "send", "Messages"),
            Entry("digests.index", "calendar", "Digests"),
            Entry("affiliates.index", "users", "Affiliates"),
            Entry("replies.index", "mail", "Replies"),
            Entry("applications.index", "user-plus", "Applications"),
            Entry("offers.index", "tag", "Offers"),
        ),
    ),
    (
        "Wording",
        (
            Entry("mail_templates.index", "template", "Templates"),
            Entry("announcing.index", "mail-forward", "Events"),
            Entry("token_guide.index", "braces", "Tokens"),
        ),
    ),
    (
        "Delivery",
        (
            Entry("domains.index", "world-check", "Domain check"),
            Entry("reports.index", "list", "Reports"),
            Entry("guards.index", "rosette-discount-check", "Reputation"),
            Entry("feedback.suppressions", "ban", "Suppressions"),
            Entry("feedback.returned", "arrow-left", "Returned mail"),
            Entry("notices.index", "list-details", "Notices"),
            Entry("settings.mail_folder", "folder", "Mail folder"),
        ),
    ),
    (
        "Account",
        (
            Entry("settings.email_settings", "mail-cog", "Email settings"),
            Entry("broadcasts.rules", "list", "Sending rules"),
            Entry("portal.page", "login", "Affiliates’ page"),
            Entry("retention.retention", "clock", "Retention"),
        ),
    ),
    (
        "Access",
        (
            Entry("accounts.users", "user-shield", "Users & rights"),
            Entry("api_keys.index", "key", "API keys"),
            Entry("webhooks.index", "plug", "Webhooks"),
            Entry("accounts.audit", "history", "Audit trail"),
        ),
    ),
)


def install(app: Flask) -> None:
    app.jinja_env.globals["rail"] = rail


def rail() -> list[tuple[str, list[Entry]]]:
    """Sections with the entries that the present user may open."""
    sections = [(title, [entry for entry in entries if _visible(entry)]) for title, entries in RAIL]
    return [(title, entries) for title, entries in sections if entries]


def _visible(entry: Entry) -> bool:
    if entry.endpoint not in current_app.view_functions:
        return False
    rights = rights_of(current_app, entry.endpoint) or ()
    return SIGNED_IN in rights or may(*rights)
