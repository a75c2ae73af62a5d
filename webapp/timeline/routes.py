"""The timeline of an affiliate, and notes on it."""

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from werkzeug import Response as AnyResponse

from webapp.affiliates import access
from webapp.affiliates.routes import me
from webapp.errors import Invalid, NotAllowed
from webapp.imports.cells import as_csv
from webapp.timeline import notes, walking
from webapp.timeline.entries import KINDS
from webapp.timeline.forms import NoteForm
from webapp.web.access import needs
from webapp.web.session import db
from webapp.web.words import label

RIGHT = "view_affiliate_details"
EDITS = ("edit_all", "edit_assigned")
blueprint = Blueprint("timeline", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/affiliates/<int:key>/timeline")
@needs(RIGHT)
def show(key: int) -> str:
    return _page(key, NoteForm())


@blueprint.get("/affiliates/<int:key>/timeline.csv")
@needs("import_and_export")
def export(key: int) -> Response:
    affiliate = access.get(db(), me(), key)
    if not access.sees_details(me()):
        raise NotAllowed(RIGHT)
    kind, search = _wanted()
    rows = [("at", "kind", "state", "what", "detail")]
    for one in walking.whole(db(), affiliate, kind=kind, search=search):
        state = label(one.state) if one.state else ""
        rows.append((one.at.isoformat(timespec="seconds"), one.kind, state, one.title, one.detail))
    response = Response(as_csv(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="timeline-{affiliate.id}.csv"'
    return response


@blueprint.post("/affiliates/<int:key>/notes")
@needs(*EDITS)
def add_note(key: int) -> AnyResponse | str:
    affiliate = access.get_to_edit(db(), me(), key)
    form = NoteForm()
    if form.submitted():
        try:
            notes.add(db(), me(), affiliate, form.text.data or "")
        except Invalid as error:
            form.refuse(error)
        else:
            flash("The note was added.", "ok")
            return redirect(url_for("timeline.show", key=key))
    return _page(key, form)


@blueprint.route("/affiliates/<int:key>/notes/<int:number>", methods=["GET", "POST"])
@needs(*EDITS)
def edit_note(key: int, number: int) -> AnyResponse | str:
    affiliate = access.get_to_edit(db(), me(), key)
    note = notes.get(db(), affiliate, number)
    form = NoteForm(data={"text": note.text})
    if form.submitted():
        try:
            notes.change(db(), me(), affiliate, note, form.text.data or "")
        except Invalid as error:
            form.refuse(error)
        else:
            flash("The note was changed.", "ok")
            return redirect(url_for("timeline.show", key=key))
    may_delete = notes.may_delete(me(), note)
    own = note.author_id == me().id
    return render_template(
        "timeline/note.html", affiliate=affiliate, note=note, form=form, own=own, may_delete=may_delete
    )


@blueprint.post("/affiliates/<int:key>/notes/<int:number>/delete")
@needs(*EDITS)
def delete_note(key: int, number: int) -> AnyResponse:
    affiliate = access.get_to_edit(db(), me(), key)
    notes.delete(db(), me(), affiliate, notes.get(db(), affiliate, number))
    flash("The note is deleted.", "ok")
    return redirect(url_for("timeline.show", key=key))


def _wanted() -> tuple[str, str]:
    kind = request.args.get("kind", "")
    return kind if kind in KINDS else "", request.args.get("q", "").strip()


def _page(key: int, form: NoteForm) -> str:
    affiliate = access.get(db(), me(), key)
    kind, search = _wanted()
    before = walking.place_in(request.args.get("before", ""))
    return render_template(
        "timeline/show.html",
        affiliate=affiliate,
        stretch=walking.stretch(db(), affiliate, kind=kind, search=search, before=before),
        kinds=KINDS,
        kind=kind,
        search=search,
        begins_later=before is not None,
        form=form,
        may_edit=access.may_edit(me(), affiliate),
        me=me(),
    )
