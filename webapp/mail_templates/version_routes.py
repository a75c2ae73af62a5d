"""Every text a template ever had, what changed since, and the way back."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.mail_templates import queries, service
from webapp.mail_templates.differences import differences
from webapp.mail_templates.routes import RIGHT, blueprint
from webapp.mail_templates.texts import Text
from webapp.web.access import needs
from webapp.web.pages import SIZE, Page, asked_page
from webapp.web.session import db


@blueprint.get("/<slug>/versions")
@needs(RIGHT)
def versions(slug: str) -> str:
    template = queries.find(db(), slug)
    found = queries.versions(db(), template.slug)
    number = max(1, min(asked_page(), (len(found) + SIZE - 1) // SIZE))
    page = Page(found[(number - 1) * SIZE : number * SIZE], number, len(found))
    return render_template("mail_templates/versions.html", template=template, page=page)


@blueprint.get("/<slug>/versions/<int:number>")
@needs(RIGHT)
def version(slug: str, number: int) -> str:
    template = queries.find(db(), slug)
    old = queries.version(db(), template.slug, number)
    changes = differences(Text.of(old), template.text)
    return render_template("mail_templates/version.html", template=template, old=old, changes=changes)


@blueprint.post("/<slug>/versions/<int:number>/restore")
@needs(RIGHT)
def restore(slug: str, number: int) -> Response:
    template = queries.find(db(), slug)
    service.restore(db(), current_user, template.slug, number)
    flash(f"Version {number} counts again.", "ok")
    return redirect(url_for("mail_templates.edit", slug=template.slug))
