"""Affiliates from a file and into a file, by pages."""

from collections.abc import Iterator

from flask import Response as Answer
from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug import Response

from webapp.affiliates import access, jobs, runs
from webapp.affiliates.exporting import export as csv_pieces
from webapp.affiliates.forms import PressForm, UploadForm, columns_form
from webapp.affiliates.mapping import LABELS
from webapp.affiliates.models import ImportRun
from webapp.affiliates.reading import first_rows
from webapp.affiliates.routes import blueprint, me
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.web.access import needs
from webapp.web.session import db, desk, release


@blueprint.get("/affiliates/export")
@needs("import_and_export")
def export() -> Answer:
    _needs_details()
    maker, own = desk().reading, access.own_only(me())

    def pieces() -> Iterator[str]:
        with maker() as session:
            yield from csv_pieces(session, own=own)

    headers = {"Content-Disposition": 'attachment; filename="affiliates.csv"'}
    return Answer(pieces(), mimetype="text/csv", headers=headers)


@blueprint.route("/affiliates/import", methods=["GET", "POST"])
@needs("import_and_export")
def import_start() -> str | Response:
    _needs_details()
    form = UploadForm()
    if form.submitted():
        user, file = me(), form.file.data
        release()  # the upload may be large; nobody waits for our lock while it is copied
        try:
            run = runs.upload(db(), desk().config.spool, user, file.filename or "", file.stream)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect(url_for("affiliates.import_columns", key=run.id))
    unfinished = runs.unfinished(db(), me())
    return render_template("affiliates/import_start.html", form=form, unfinished=unfinished)


@blueprint.route("/affiliates/import/<int:key>/columns", methods=["GET", "POST"])
@needs("import_and_export")
def import_columns(key: int) -> str | Response:
    run = _run(key)
    chosen = {name: str(run.mapping.get(name, "")) for name in LABELS}
    form = columns_form(run.found["header"], LABELS)(data=chosen)
    if form.submitted():
        mapping = {name: int(form[name].data) for name in LABELS if str(form[name].data).isdecimal()}
        try:
            runs.choose_columns(db(), run, mapping)
        except Invalid as error:
            form.refuse(error)
        else:
            return _check(run)
    samples = first_rows(runs.table_of(run, desk().config.spool), 3)
    return render_template(
        "affiliates/import_columns.html", run=run, form=form, labels=LABELS, samples=samples
    )


@blueprint.get("/affiliates/import/<int:key>")
@needs("import_and_export")
def import_show(key: int) -> str | Response:
    run = _run(key)
    if run.state == "uploaded":
        return redirect(url_for("affiliates.import_columns", key=key))
    if run.state not in runs.UNDER_WAY and request.headers.get("HX-Request"):
        return Response(headers={"HX-Refresh": "true"})  # the work is done: show its page
    page = {"checked": "import_check", "done": "import_done", "failed": "import_failed"}
    template = page.get(run.state, "import_progress")
    return render_template(f"affiliates/{template}.html", run=run, press=PressForm())


@blueprint.post("/affiliates/import/<int:key>/start")
@needs("import_and_export")
def import_begin(key: int) -> Response:
    run = _run(key)
    runs.importer_of(me())
    runs.start(db(), me(), run)
    release()
    desk().jobs.enqueue(jobs.IMPORT, run_id=key)
    return redirect(url_for("affiliates.import_show", key=key))


@blueprint.get("/affiliates/import/<int:key>/refused.csv")
@needs("import_and_export")
def import_refused(key: int) -> Answer:
    path = runs.refusals_path(_run(key), desk().config.spool)
    if not path.exists():
        raise NotFound("The list isn’t kept any longer. Check the file again to get a new one.")
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name="refused.csv")


def _check(run: ImportRun) -> Response:
    """A small file is checked while the person waits, a large one by a job that shows how far it is."""
    release()
    small = runs.size(run, desk().config.spool) <= runs.SMALL
    if small:
        jobs.check(desk(), run.id)
    else:
        desk().jobs.enqueue(jobs.CHECK, run_id=run.id)
        flash("The file is large, so it is checked beside the pages. You may leave this page.", "info")
    return redirect(url_for("affiliates.import_show", key=run.id))


def _run(key: int) -> ImportRun:
    _needs_details()
    return runs.get(db(), me(), key)


def _needs_details() -> None:
    """A file shows addresses and additional data."""
    if not access.sees_details(me()):
        raise NotAllowed("view_affiliate_details")
