"""Import and export over the pages."""

from datetime import date

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.accounts import audit
from webapp.errors import Invalid
from webapp.mail_templates import exchange, queries
from webapp.mail_templates.forms import ImportForm
from webapp.mail_templates.routes import RIGHT, blueprint
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.get("/export")
@needs(RIGHT)
def export_all() -> Response:
    body = exchange.as_json(queries.templates(db()))
    return _file(body, "application/json", f"templates-{date.today():%Y-%m-%d}.json")


@blueprint.get("/<slug>/export")
@needs(RIGHT)
def export(slug: str) -> Response:
    """The HTML as it was saved, to the last byte."""
    template = queries.find(db(), slug)
    return _file(template.text.html, "text/html", f"{template.slug}.html")


@blueprint.route("/import", methods=["GET", "POST"])
@needs(RIGHT)
def import_file() -> AnyResponse | str:
    form = ImportForm()
    if form.submitted():
        try:
            brought = _bring_in(form)
            audit.record(db(), current_user, "template.imported", form.file.data.filename or "")
            flash(f"Imported: {brought.words}.", "ok")
            return redirect(url_for("mail_templates.index"))
        except Invalid as error:
            form.refuse(error)
    return render_template("mail_templates/import.html", form=form)


def _bring_in(form: ImportForm) -> exchange.Brought:
    upload = form.file.data
    if not upload or not upload.filename:
        raise Invalid({"file": "Choose a file: HTML for one template, JSON for many."})
    entries = exchange.read(upload.filename, upload.stream.read(exchange.LARGEST_FILE + 1))
    try:
        return exchange.bring_in(db(), current_user, entries, replacing=bool(form.replace.data))
    except Invalid as error:
        db().rollback()
        raise Invalid({"file": str(error)}) from error


def _file(body: str, kind: str, name: str) -> Response:
    response = Response(body.encode("utf-8"), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
