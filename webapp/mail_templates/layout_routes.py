"""The page of the network-wide layout, with its preview."""

from dataclasses import asdict, replace

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.accounts import audit
from webapp.errors import Invalid
from webapp.mail.tokens.catalogue import example_values
from webapp.mail_templates import layout, letterhead
from webapp.mail_templates.catalogue import SYSTEM
from webapp.mail_templates.forms import LayoutForm
from webapp.mail_templates.looking import in_colours, network_values, seen_with
from webapp.mail_templates.routes import RIGHT, blueprint
from webapp.mail_templates.texts import SPECIMEN
from webapp.web.access import needs
from webapp.web.headers import as_mail_preview
from webapp.web.session import db, desk

SHOWN = "offer_announcement"


@blueprint.route("/layout", methods=["GET", "POST"])
@needs(RIGHT)
def edit_layout() -> AnyResponse | str:
    form = LayoutForm(data=asdict(layout.get(db())))
    if form.submitted():
        try:
            layout.put(db(), form.wanted())
            audit.record(db(), current_user, "template.layout_changed")
            flash("Saved. Every mail without a design of its own looks like this from now on.", "ok")
            return redirect(url_for("mail_templates.edit_layout"))
        except Invalid as error:
            form.refuse(error)
    return render_template("mail_templates/layout.html", form=form, usual=layout.Layout())


@blueprint.route("/layout-preview", methods=["GET", "POST"])
@needs(RIGHT)
def layout_preview() -> Response:
    """A shipped text in the layout as typed, or as stored."""
    try:
        chosen = layout.checked(LayoutForm().wanted()) if request.method == "POST" else layout.get(db())
    except Invalid as error:
        return as_mail_preview(render_template("editor/no_preview.html", words=error.problems.values()))
    template = SYSTEM[SHOWN]
    draft = letterhead.draft(db(), desk().config, template.default, template.kind)
    draft = replace(
        draft,
        from_address=draft.from_address or SPECIMEN.from_address,
        postal_address=draft.postal_address or SPECIMEN.postal_address,
        frame=layout.frame(chosen, draft.network_name),
    )
    values = {**example_values(template.context), **network_values(draft)}
    html = seen_with(draft, values, template.context).preview.html
    return as_mail_preview(in_colours(html, request.form.get("colours", "")))
