"""The list of addresses that are not to be mailed."""

import io
from collections.abc import Iterator

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.accounts import audit
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.feedback import barred
from webapp.feedback.forms import SCOPES, LiftForm, ListForm, SuppressForm
from webapp.feedback.lists import take_in
from webapp.feedback.routes import blueprint
from webapp.mail.suppressions import REASONS
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk, release

RIGHT = "manage_suppressions"


@blueprint.get("/suppressions")
@needs(RIGHT)
def suppressions() -> str:
    search, reason = request.args.get("q", "").strip(), request.args.get("reason", "")
    few = barred.few(db())
    query = barred.listed(search, reason if reason in REASONS else "", few=few)
    page = paginate(db(), query, number=asked_page())
    return render_template(
        "feedback/suppressions.html",
        page=page,
        search=search,
        reason=reason,
        reasons=REASONS,
        scopes=SCOPES,
        few=few,
    )


@blueprint.route("/suppressions/add", methods=["GET", "POST"])
@needs(RIGHT)
def suppress() -> AnyResponse | str:
    form = SuppressForm(address=request.args.get("address", ""))
    if form.submitted():
        try:
            address = form.address.data or ""
            new = barred.bar(db(), current_user, address, form.scope.data, form.note.data or "")
            flash(
                f"{address} is not mailed any more." if new else f"{address} was on the list already.", "ok"
            )
            return redirect(url_for("feedback.suppressions"))
        except Invalid as error:
            form.refuse(error)
    return render_template("feedback/suppress.html", form=form)


@blueprint.route("/suppressions/<int:number>/lift", methods=["GET", "POST"])
@needs(RIGHT)
def lift(number: int) -> AnyResponse | str:
    entry, form = barred.find(db(), number), LiftForm()
    if form.submitted():
        try:
            address = entry.address
            barred.lift(db(), current_user, entry, form.why.data or "")
            flash(f"{address} may be mailed again.", "ok")
            return redirect(url_for("feedback.suppressions"))
        except Invalid as error:
            form.refuse(error)
    return render_template("feedback/lift.html", form=form, entry=entry)


@blueprint.route("/suppressions/import", methods=["GET", "POST"])
@needs(RIGHT)
def import_suppressions() -> AnyResponse | str:
    form, taken = ListForm(), None
    if form.submitted():
        try:
            release()
            taken = take_in(desk(), io.StringIO(form.text(), newline=""))
        except Invalid as error:
            form.refuse(error)
        else:
            audit.record(db(), current_user, "suppressions imported", new=taken.added, known=taken.known)
    return render_template("feedback/import.html", form=form, taken=taken)


@blueprint.get("/suppressions.csv")
@needs(RIGHT)
def suppressions_csv() -> Response:
    response = Response(_lines(desk()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="suppressions.csv"'
    return response


def _lines(opened: Desk) -> Iterator[str]:
    with opened.reading() as session:
        yield from barred.export(session)
