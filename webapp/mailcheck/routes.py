"""The check of a template as a page. That of a message belongs to the messages."""

from flask import Blueprint, Flask, url_for
from flask_login import current_user
from sqlalchemy import false, select

from webapp.affiliates.access import sees_details, visible
from webapp.affiliates.models import Affiliate
from webapp.mail.compose import TokenProblems
from webapp.mail_templates import queries
from webapp.mailcheck import page, templates
from webapp.mailcheck.samples import pick
from webapp.web.access import needs
from webapp.web.session import db, desk

blueprint = Blueprint("mailcheck", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.route("/templates/<slug>/mail-check", methods=["GET", "POST"])
@needs("manage_templates")
def template(slug: str) -> str:
    """As three affiliates whom the user sees, or with example values."""
    chosen = queries.find(db(), slug)
    seen = visible(current_user) if sees_details(current_user) else false()
    crumbs = [
        ("Templates", url_for("mail_templates.index")),
        (chosen.name, url_for("mail_templates.edit", slug=chosen.slug)),
    ]
    here = url_for("mailcheck.template", slug=chosen.slug)
    try:
        found = templates.check(desk(), db(), chosen, pick(db(), select(Affiliate.id).where(seen)))
    except TokenProblems as error:
        return page.answer(chosen.name, crumbs, None, error.found, here)
    return page.answer(chosen.name, crumbs, found, [], here)
