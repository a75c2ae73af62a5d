"""Erasing an affiliate: asked for first, on a page of its own, as it can't be taken back."""

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from webapp.affiliates import access, erasing
from webapp.affiliates.forms import PressForm
from webapp.affiliates.routes import blueprint, me
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.route("/affiliates/<int:key>/erase", methods=["GET", "POST"])
@needs("edit_all")
def erase(key: int) -> str | Response:
    affiliate = access.get_to_edit(db(), me(), key)
    form = PressForm()
    if form.submitted():
        count = erasing.erase(db(), me(), affiliate)
        flash(f"The affiliate is erased. Outcomes kept, naming nobody: {count:,}.", "ok")
        return redirect(url_for("affiliates.index"))
    return render_template("affiliates/erase.html", affiliate=affiliate, form=form)
