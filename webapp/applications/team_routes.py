"""Applications as the team sees them: the list, each one, the decision."""

import re
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import User
from webapp.affiliates.countries import country_name
from webapp.applications import deciding, queries
from webapp.applications.forms import ConfirmForm
from webapp.applications.routes import blueprint
from webapp.errors import Invalid
from webapp.settings import store
from webapp.web import telling
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db
from webapp.web.words import plural

RIGHT = "approve_applications"
STATES = {"waiting": "Waiting", "approved": "Approved", "denied": "Denied"}
_PICK = re.compile(r"\d{1,15}")
VERBS = {"approved": "Approve", "denied": "Deny"}


def me() -> User:
    """The signed-in user."""
    return cast(User, current_user._get_current_object())


@blueprint.get("/applications")
@needs(RIGHT)
def index() -> str:
    state = request.args.get("state", "waiting")
    wanted = queries.Wanted(
        search=request.args.get("q", "").strip(),
        state=state if state in STATES else "",
        sort=request.args.get("sort", "-added"),
    )
    return render_template(
        "applications/index.html",
        wanted=wanted,
        states=STATES,
        counts=queries.by_state(db(), me()),
        page=paginate(db(), queries.matching(me(), wanted), number=asked_page()),
        opened=store.identity(db()).applications == "on",
        form=ConfirmForm(),
    )


@blueprint.get("/applications/<int:key>")
@needs(RIGHT)
def show(key: int) -> str:
    application = deciding.get(db(), me(), key)
    return render_template(
        "applications/show.html",
        application=application,
        states=STATES,
        country=country_name(application.country),
        decider=queries.name_of(db(), application.decided_by),
        form=ConfirmForm(),
    )


@blueprint.post("/applications/decide")
@needs(RIGHT)
def decide() -> str | Response:
    keys = [int(pick) for pick in request.form.getlist("pick") if _PICK.fullmatch(pick)]
    state, done = request.form.get("state", ""), [0]
    back = url_for("applications.index")

    def change() -> None:
        done[0] = len(deciding.decide(db(), me(), keys, state, note))

    try:
        note = telling.note()
        asking = telling.tell_first(change)
    except Invalid as error:
        db().rollback()  # none is decided where one can't be: the page says nothing of a half
        flash(" ".join(error.problems.values()), "bad")
        return redirect(back)
    if asking is not None:
        return telling.page(
            asking,
            heading=f"{VERBS[state]} {plural(done[0], 'application')}?",
            label=VERBS[state],
            here="applications.index",
            back=back,
            fields=[("state", state), *(("pick", str(key)) for key in keys)],
        )
    if not done[0]:
        flash("Nothing was left to decide: somebody was faster.", "info")
    else:
        count = plural(done[0], "application was", "applications were")
        flash(f"{count} {state}. {telling.outcome()}", "ok")
    return redirect(back)
