"""The list of affiliates and the page of each."""

from dataclasses import replace
from typing import cast

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import access, finding, groups, ports, queries, service
from webapp.affiliates.countries import country_name
from webapp.affiliates.forms import STATUS_LABELS, AffiliateForm, PressForm, values_of
from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid
from webapp.mail import suppressions
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db
from webapp.web.telling import outcome

blueprint = Blueprint("affiliates", __name__)


def install(app: Flask) -> None:
    from webapp.affiliates import erase_routes, group_routes, import_routes, tax_routes  # noqa: F401 - they add their views

    app.jinja_env.filters["country"] = country_name
    app.jinja_env.filters["affiliate_name"] = lambda affiliate: access.shown_name(affiliate, me())
    app.register_blueprint(blueprint)


def me() -> User:
    """The signed-in user."""
    return cast(User, current_user._get_current_object())


@blueprint.get("/affiliates")
@needs("view_all_affiliates", "view_affiliate_details")
def index() -> str:
    session, user = db(), me()
    sizes = queries.by_status(session, user)
    wanted = replace(_in_segment(_wanted()), few=sum(sizes.values()) <= finding.FEW)
    total = (
        None if wanted.narrowed else sum(sizes.values()) if not wanted.status else sizes.get(wanted.status, 0)
    )
    page = paginate(session, queries.matching(user, wanted), total=total, number=asked_page())
    page = replace(page, items=queries.in_order(session, page.items))
    return render_template(
        "affiliates/index.html",
        page=page,
        wanted=wanted,
        more_match=queries.more_match(session, user, wanted),
        sizes=sizes,
        statuses=STATUS_LABELS,
        last_mails=queries.last_mails(session, page.items),
        groups=groups.with_names(session),
        managers=queries.managers(session) if access.sees_all(user) else [],
        segments=ports.segments().choices(session, user),
    )


@blueprint.route("/affiliates/new", methods=["GET", "POST"])
@needs("create_affiliates")
def new() -> str | Response:
    form = AffiliateForm()
    _offer(form)
    if form.submitted():
        try:
            affiliate = service.add(db(), me(), form.values())
        except Invalid as error:
            form.refuse(error)
        else:
            if form.welcome.data:
                service.welcome(db(), affiliate)
            flash(f"{affiliate.name} was added. {outcome()}", "ok")
            return redirect(url_for("affiliates.show", key=affiliate.id))
    return render_template("affiliates/form.html", form=form, affiliate=None)


@blueprint.get("/affiliates/<int:key>")
@needs("view_all_affiliates", "view_affiliate_details")
def show(key: int) -> str:
    session, user = db(), me()
    affiliate = access.get(session, user, key)
    return render_template(
        "affiliates/show.html",
        affiliate=affiliate,
        details=access.sees_details(user),
        may_edit=access.may_edit(user, affiliate),
        mails=paginate(session, queries.mails_of(affiliate), number=asked_page()),
        suppressions=suppressions.of_address(session, affiliate.address),
        panel=ports.panel(session, user, affiliate),
        press=PressForm(),
        statuses=STATUS_LABELS,
    )


@blueprint.route("/affiliates/<int:key>/edit", methods=["GET", "POST"])
@needs("edit_all", "edit_assigned")
def edit(key: int) -> str | Response:
    affiliate = access.get_to_edit(db(), me(), key)
    form = AffiliateForm(data=values_of(affiliate))
    _offer(form, affiliate)
    if form.submitted():
        try:
            service.edit(db(), me(), affiliate, form.values())
        except Invalid as error:
            db().expire(affiliate)
            form.refuse(error)
        else:
            flash(f"{affiliate.name} was saved.", "ok")
            return redirect(url_for("affiliates.show", key=affiliate.id))
    return render_template("affiliates/form.html", form=form, affiliate=affiliate)


@blueprint.post("/affiliates/<int:key>/status")
@needs("edit_all", "edit_assigned")
def set_status(key: int) -> Response:
    affiliate = access.get_to_edit(db(), me(), key)
    service.set_status(db(), me(), affiliate, request.form.get("status", ""))
    words = "is mailed again" if affiliate.status == "active" else "is not mailed any more"
    flash(f"{affiliate.name} is {STATUS_LABELS[affiliate.status].lower()} and {words}.", "ok")
    return redirect(url_for("affiliates.show", key=key))


@blueprint.post("/affiliates/<int:key>/lift")
@needs("manage_suppressions")
def lift(key: int) -> Response:
    affiliate = access.get(db(), me(), key)
    scope = request.form.get("scope", "")
    suppressions.remove(db(), affiliate.address, scope=scope)
    audit.record(db(), me(), "suppression.lifted", affiliate.address, scope=scope)
    flash("The address may be mailed again.", "ok")
    return redirect(url_for("affiliates.show", key=key))


def _in_segment(wanted: queries.Wanted) -> queries.Wanted:
    """With the condition of the segment that it names; one that the user may not use is said and counts as none."""
    if not wanted.segment:
        return wanted
    try:
        return replace(wanted, within=ports.segments().within(db(), wanted.segment, me()))
    except Invalid as error:
        flash(error.problems["audience"], "bad")
        return replace(wanted, segment="")


def _wanted() -> queries.Wanted:
    asked = request.args
    status = asked.get("status", "active")
    return queries.Wanted(
        search=asked.get("q", "").strip(),
        status=status if status in STATUS_LABELS else "",
        group=asked.get("group", type=int),
        manager=asked.get("manager", type=int),
        segment=asked.get("segment", ""),
        sort=asked.get("sort", "name"),
    )


def _offer(form: AffiliateForm, affiliate: Affiliate | None = None) -> None:
    names = groups.names(db())
    managers = list(queries.managers(db())) if me().may("edit_all") else None
    if managers is not None and affiliate and affiliate.manager and affiliate.manager not in managers:
        managers.append(affiliate.manager)  # disabled since, but still the manager until somebody decides
    form.offer(names, managers)
