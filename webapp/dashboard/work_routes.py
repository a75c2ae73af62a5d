"""The page of background work that failed."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.dashboard.routes import blueprint
from webapp.setbacks import listing
from webapp.setbacks.work import PAGE, try_again
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db


@blueprint.get(PAGE)
@needs("manage_email_settings")
def work() -> str:
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    page = paginate(db(), listing.listed(search, sort), number=asked_page())
    return render_template("dashboard/work.html", page=page, search=search, sort=sort, labels=listing.LABELS)


@blueprint.post(f"{PAGE}/try")
@needs("manage_email_settings")
def try_work() -> Response:
    job, item = request.form.get("job", ""), request.form.get("item", "")
    if try_again(db(), job, item):
        audit.record(db(), current_user, "background work tried again", f"{job} {item}".strip())
        flash("It is tried again when the work comes round next.", "ok")
    else:
        flash("It went well meanwhile.", "ok")
    return redirect(url_for("dashboard.work"))
