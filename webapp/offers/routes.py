"""The list of offers and the page of each."""

from dataclasses import replace
from typing import cast

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import User
from webapp.affiliates import finding
from webapp.affiliates import queries as affiliates
from webapp.errors import Invalid
from webapp.imports import views
from webapp.offers import access, queries, service
from webapp.offers.details import type_label
from webapp.offers.exporting import offers as csv_pieces
from webapp.offers.forms import STATE_LABELS, STATUS_LABELS, AssignForm, OfferForm, values_of
from webapp.offers.kinds import importer_of
from webapp.offers.models import Offer
from webapp.offers.terms import shown_day, shown_payout
from webapp.web import telling
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db

blueprint = Blueprint("offers", __name__, url_prefix="/offers")
views.install(blueprint, "offers", "/import")


def install(app: Flask) -> None:
    from webapp.offers import assignment_routes, creative_routes, panel, telling_routes  # noqa: F401 - they add views

    app.jinja_env.filters["offer_type"] = type_label
    app.jinja_env.filters["payout"] = lambda offer, own=None: shown_payout(offer, own)
    app.jinja_env.filters["day"] = shown_day
    app.register_blueprint(blueprint)
    app.register_blueprint(assignment_routes.blueprint)
    panel.install()


def me() -> User:
    """The signed-in user."""
    return cast(User, current_user._get_current_object())


@blueprint.get("")
@needs(*access.READS)
def index() -> str:
    session, user, wanted = db(), me(), _wanted()
    sizes = queries.by_status(session, user)
    page = paginate(session, queries.matching(user, wanted), number=asked_page())
    return render_template(
        "offers/index.html",
        page=page,
        wanted=wanted,
        sizes=sizes,
        statuses=STATUS_LABELS,
        running=queries.running(session, page.items),
        categories=queries.categories(session, user),
        types=queries.types(session, user),
    )


@blueprint.get("/export")
@needs("import_and_export")
def export() -> Response:
    importer_of(me())
    own = access.own_only(me())
    return views.download("offers.csv", lambda session: csv_pieces(session, own=own, everything=True))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(*access.EDITS)
def new() -> str | Response:
    form = OfferForm()
    _choices(form)
    if form.submitted():
        try:
            offer = service.add(db(), me(), form.values())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(f"{offer.name} was added as {offer.cid}. Nothing was mailed.", "ok")
            return redirect(url_for("offers.show", key=offer.id))
    return render_template("offers/form.html", form=form, offer=None)


@blueprint.get("/<int:key>")
@needs(*access.READS)
def show(key: int) -> str:
    return page_of(access.get(db(), me(), key), AssignForm())


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@needs(*access.EDITS)
def edit(key: int) -> str | Response:
    offer = access.get_to_edit(db(), me(), key)
    form, asking = OfferForm(data=values_of(offer)), None
    _choices(form, offer)
    if form.submitted():
        try:
            note = telling.note()
            asking = telling.tell_first(lambda: service.edit(db(), me(), offer, form.values(), note))
        except Invalid as error:
            db().expire(offer)
            form.refuse(error)
        else:
            if asking is None:
                flash(f"{offer.name} was saved. {telling.outcome()}", "ok")
                return redirect(url_for("offers.show", key=offer.id))
    return render_template("offers/form.html", form=form, offer=offer, telling=asking)


def page_of(offer: Offer, form: AssignForm) -> str:
    """The page of an offer; `form` holds what was refused, if anything was."""
    session, user = db(), me()
    state = request.args.get("state", "")
    wanted = queries.WantedAssignments(
        search=request.args.get("q", "").strip(),
        state=state if state in STATE_LABELS else "",
        sort=request.args.get("sort", "-changed"),
        offer=offer.id,
    )
    counts = queries.by_state(session, user, wanted)
    wanted = replace(wanted, few=sum(counts.values()) <= finding.FEW)
    found = queries.assignments(user, wanted)
    return render_template(
        "offers/show.html",
        offer=offer,
        form=form,
        may_edit=access.may_edit(user, offer),
        creatives=queries.creatives(session, offer.id),
        statuses=STATUS_LABELS,
        wanted=wanted,
        states=STATE_LABELS,
        counts=counts,
        more_match=queries.more_match(session, user, wanted),
        page=paginate(session, found, total=queries.total(counts, wanted), number=asked_page()),
    )


def _wanted() -> queries.Wanted:
    asked = request.args
    status = asked.get("status", "active")
    return queries.Wanted(
        search=asked.get("q", "").strip(),
        status=status if status in STATUS_LABELS else "",
        type=asked.get("type", ""),
        category=asked.get("category", ""),
        sort=asked.get("sort", "name"),
    )


def _choices(form: OfferForm, offer: Offer | None = None) -> None:
    managers = list(affiliates.managers(db())) if me().may(access.ALL) else None
    if managers is not None and offer and offer.manager and offer.manager not in managers:
        managers.append(offer.manager)  # disabled since, but still the manager until somebody decides
    form.offer(queries.types(db(), me()), managers)
