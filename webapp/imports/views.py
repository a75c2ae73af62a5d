"""The pages of an import, the same for every kind of list. A feature installs them on its own blueprint."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from webapp.accounts.models import User
from webapp.errors import Invalid, NotFound
from webapp.imports import jobs, runs
from webapp.imports.forms import UploadForm, columns_form
from webapp.imports.kinds import Kind, kind_of
from webapp.imports.models import ImportRun
from webapp.imports.reading import first_rows
from webapp.web.access import needs
from webapp.web.forms import Form
from webapp.web.session import db, desk, release


class Pages:
    """The views of one kind. Each asks first whether the user may import this list at all."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    @property
    def kind(self) -> Kind:
        return kind_of(self._slug)

    def start(self) -> str | AnyResponse:
        self.kind.importer(_me())
        form = UploadForm()
        if form.submitted():
            user, file = _me(), form.file.data
            release()  # the upload may be large; nobody waits for our lock while it is copied
            try:
                run = runs.upload(
                    db(), desk().config.spool, user, self.kind, file.filename or "", file.stream
                )
            except Invalid as error:
                form.refuse(error)
            else:
                return redirect(url_for(".import_columns", key=run.id))
        unfinished = runs.unfinished(db(), _me(), self.kind)
        return render_template("imports/start.html", kind=self.kind, form=form, unfinished=unfinished)

    def columns(self, key: int) -> str | AnyResponse:
        run, labels = self._run(key), self.kind.columns.labels
        chosen = {name: str(run.mapping.get(name, "")) for name in labels}
        form = columns_form(run.found["header"], labels)(data=chosen)
        if form.submitted():
            mapping = {name: int(form[name].data) for name in labels if str(form[name].data).isdecimal()}
            try:
                runs.choose_columns(db(), run, mapping)
            except Invalid as error:
                form.refuse(error)
            else:
                return _check(run)
        samples = first_rows(runs.table_of(run, desk().config.spool), 3)
        return render_template(
            "imports/columns.html", kind=self.kind, run=run, form=form, labels=labels, samples=samples
        )

    def show(self, key: int) -> str | AnyResponse:
        run = self._run(key)
        if run.state == "uploaded":
            return redirect(url_for(".import_columns", key=key))
        if run.state not in runs.UNDER_WAY and request.headers.get("HX-Request"):
            return Response(headers={"HX-Refresh": "true"})  # the work is done: show its page
        page = {"checked": "check", "done": "done", "failed": "failed"}.get(run.state, "progress")
        return render_template(f"imports/{page}.html", kind=self.kind, run=run, press=Form())

    def begin(self, key: int) -> AnyResponse:
        run = self._run(key)
        runs.start(db(), _me(), run)
        release()
        desk().jobs.enqueue(jobs.IMPORT, run_id=key)
        return redirect(url_for(".import_show", key=key))

    def refused(self, key: int) -> Response:
        path = runs.refusals_path(self._run(key), desk().config.spool)
        if not path.exists():
            raise NotFound("The list isn’t kept any longer. Check the file again to get a new one.")
        return send_file(path, mimetype="text/csv", as_attachment=True, download_name="refused.csv")

    def _run(self, key: int) -> ImportRun:
        self.kind.importer(_me())
        return runs.get(db(), _me(), self.kind, key)


def install(blueprint: Blueprint, slug: str, path: str) -> None:
    """Add the pages of a kind to a blueprint, below `path`."""
    pages = Pages(slug)
    both, reads, writes = ["GET", "POST"], ["GET"], ["POST"]
    for rule, name, view, methods in (
        ("", "import_start", pages.start, both),
        ("/<int:key>/columns", "import_columns", pages.columns, both),
        ("/<int:key>", "import_show", pages.show, reads),
        ("/<int:key>/start", "import_begin", pages.begin, writes),
        ("/<int:key>/refused.csv", "import_refused", pages.refused, reads),
    ):
        blueprint.add_url_rule(path + rule, name, needs("import_and_export")(_plain(view)), methods=methods)


def download(name: str, pieces: Callable[[Session], Iterator[str]]) -> Response:
    """A CSV file, written while it is sent."""
    maker = desk().reading

    def written() -> Iterator[str]:
        with maker() as session:
            yield from pieces(session)

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written(), mimetype="text/csv", headers=headers)


def _plain(view: Callable[..., Any]) -> Callable[..., Any]:
    """A function that can carry a mark; a bound method can't."""
    return lambda **arguments: view(**arguments)


def _me() -> User:
    return cast(User, current_user._get_current_object())


def _check(run: ImportRun) -> AnyResponse:
    """A small file is checked while the person waits, a large one by a job that shows how far it is."""
    release()
    small = runs.size(run, desk().config.spool) <= runs.SMALL
    if small:
        jobs.check(desk(), run.id)
    else:
        desk().jobs.enqueue(jobs.CHECK, run_id=run.id)
        flash("The file is large, so it is checked beside the pages. You may leave this page.", "info")
    return redirect(url_for(".import_show", key=run.id))
