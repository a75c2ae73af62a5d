"""Who runs which offer: the list of all assignments, decisions, the terms of each."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.affiliates import access as affiliates
from webapp.affiliates import finding
from webapp.errors import Invalid, NotAllowed
from webapp.imports import views
from webapp.offers import access, assigning, queries
from webapp.offers.exporting import assignments as csv_pieces
from webapp.offers.forms import STATE_LABELS, AssignForm, TermsForm, terms_of
from webapp.offers.kinds import importer_of
from webapp.offers.routes import me, page_of
from webapp.web import telling
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db
from webapp.web.words import plural

VERBS = {"approved": "Approve", "denied": "Deny"}  # only these are told
blueprint = Blueprint("assignments", __name__, url_prefix="/assignments")
views.install(blueprint, "assignments", "/import")
_PICK = re.compile(r"(\d{1,15})-(\d{1,15})")
DONE = {
    "approved": "approved",
    "denied": "denied",
    "blocked": "blocked",
    "requested": "put back to requested",
}


@blueprint.get("")
@needs(*access.READS)
def index() -> str:
    session, user = db(), me()
    state = request.args.get("state", "requested")
    affiliate = request.args.get("affiliate", type=int)
    wanted = queries.WantedAssignments(
        search=request.args.get("q", "").strip(),
        state=state if state in STATE_LABELS else "",
        sort=request.args.get("sort", ""),  # as they lie: a million rows are not sorted for fifty
        affiliate=affiliate,
    )
    counts = queries.by_state(session, user, wanted)
    wanted = replace(wanted, few=sum(counts.values()) <= finding.FEW)
    found = queries.assignments(user, wanted)
    return render_template(
        "offers/assignments.html",
        affiliate=affiliates.get(session, user, affiliate) if affiliate else None,
        wanted=wanted,
        states=STATE_LABELS,
        counts=counts,
        more_match=queries.more_match(session, user, wanted),
        page=paginate(session, found, total=queries.total(counts, wanted), number=asked_page()),
    )


@blueprint.post("/decide")
@needs(*access.DECIDES)
def decide() -> str | Response:
    found = [_PICK.fullmatch(pick) for pick in request.form.getlist("pick")]
    keys = [(int(one[1]), int(one[2])) for one in found if one]
    state = request.form.get("state", "")
    done: list[int] = []
    try:
        note = telling.note()
        asking = telling.tell_first(lambda: done.append(assigning.decide(db(), me(), keys, state, note)))
    except Invalid as error:
        flash(" ".join(error.problems.values()), "bad")
        return redirect(_back())
    if asking is not None:
        return _first(asking, state, keys)
    rows = plural(done[-1], "row was", "rows were")
    flash(f"{rows} {DONE[state]}. {telling.outcome()}", "ok")
    return redirect(_back())


@blueprint.post("/add/<int:key>")
@needs(*access.EDITS)
def add(key: int) -> str | Response:
    offer, form = access.get_to_edit(db(), me(), key), AssignForm()
    try:
        found = assigning.assign(db(), me(), offer, form.affiliate_id.data or "")
    except Invalid as error:
        form.refuse(error)
        return page_of(offer, form)
    flash(f"{affiliates.shown_name(found.affiliate, me())} runs {offer.name}. {telling.outcome()}", "ok")
    return redirect(url_for("offers.show", key=offer.id, _anchor="affiliates"))


@blueprint.route("/<int:offer_id>/<int:affiliate_id>", methods=["GET", "POST"])
@needs(*access.EDITS)
def edit(offer_id: int, affiliate_id: int) -> str | Response:
    access.get_to_edit(db(), me(), offer_id)
    found = access.assignment(db(), me(), offer_id, affiliate_id)
    form, asking = TermsForm(data=terms_of(found)), None
    if form.submitted():
        try:
            note = telling.note()
            asking = telling.tell_first(lambda: assigning.set_terms(db(), me(), found, form.values(), note))
        except Invalid as error:
            form.refuse(error)
        else:
            if asking is None:
                flash(f"The terms were saved. {telling.outcome()}", "ok")
                return redirect(url_for("offers.show", key=offer_id, _anchor="affiliates"))
    return render_template("offers/terms.html", form=form, assignment=found, telling=asking)


@blueprint.get("/export")
@needs("import_and_export")
def export() -> Response:
    user = me()
    importer_of(user)
    if not affiliates.sees_details(user):
        raise NotAllowed("view_affiliate_details")
    own, manager = access.own_only(user), affiliates.own_only(user)
    return views.download(
        "assignments.csv",
        lambda session: csv_pieces(session, own=own, manager=manager, everything=True),
    )


def _first(asking: telling.Telling, state: str, keys: Sequence[tuple[int, int]]) -> str:
    """The page that says first who hears of the decision."""
    sides = [(name, request.form[name]) for name in ("offer", "affiliate") if name in request.form]
    return telling.page(
        asking,
        heading=f"{VERBS[state]} {plural(asking.total, 'request')}?",
        label=VERBS[state],
        here="offers.index",
        back=_back(),
        fields=[("state", state), *sides, *(("pick", f"{one}-{other}") for one, other in keys)],
    )


def _back() -> str:
    """The list from which the decision came: one of ours, never an address from outside."""
    offer, affiliate = request.form.get("offer", type=int), request.form.get("affiliate", type=int)
    if offer:
        return url_for("offers.show", key=offer, _anchor="affiliates")
    if affiliate:
        return url_for("affiliates.show", key=affiliate)
    return url_for("assignments.index")
