"""The pages of segments: the list, the builder, one segment with the affiliates it names, and its end."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from werkzeug import Response

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates import finding
from webapp.affiliates import queries as affiliate_queries
from webapp.affiliates.forms import STATUS_LABELS, PressForm
from webapp.affiliates.routes import me
from webapp.errors import Conflict, Invalid
from webapp.segments import access, builder, ports, queries, service, words
from webapp.segments.builder import LOOK, SAVE, START, SegmentForm
from webapp.segments.checking import checked
from webapp.segments.conditions import Reader, condition
from webapp.segments.fields import FIELDS
from webapp.segments.models import Segment
from webapp.segments.queries import GETS, LEFT_OUT, Condition
from webapp.segments.rules import MOST_GROUPS, MOST_RULES, Groups, from_plain
from webapp.web.access import needs
from webapp.web.pages import Page, asked_page, paginate
from webapp.web.session import db

blueprint = Blueprint("segments", __name__, url_prefix="/segments")
SHOWN = 8


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@needs(*access.READS)
def index() -> str:
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "name")
    page = paginate(db(), queries.segments(me(), search=search, sort=sort), number=asked_page())
    said = {one.id: words.sentence(db(), from_plain(one.rules)) for one in page.items}
    return render_template("segments/index.html", page=page, search=search, sort=sort, said=said)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(*access.READS)
def new() -> str | Response:
    return _build(None)


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@needs(*access.READS)
def edit(key: int) -> str | Response:
    return _build(access.find_to_edit(db(), me(), key))


@blueprint.post("/count")
@needs(*access.READS)
def count() -> str:
    """How many the rules of the builder name, and the first of them: a part of the page."""
    return render_template("segments/_count.html", **_counted(builder.typed(request.form)))


@blueprint.get("/<int:key>")
@needs(*access.READS)
def show(key: int) -> str:
    user, segment = me(), access.find(db(), me(), key)
    groups = from_plain(segment.rules)
    named: Condition | None = None
    refusal = ""
    try:
        named = condition(Reader(db(), user), groups)
    except Invalid as error:
        refusal = " ".join(error.problems.values())
    return render_template(
        "segments/show.html",
        segment=segment,
        sentence=words.sentence(db(), groups),
        may_edit=access.may_edit(user, segment),
        uses=ports.uses(db(), segment.id),
        refusal=refusal,
        press=PressForm(),
        statuses=STATUS_LABELS,
        **(_people(user, named) if named is not None else {}),
    )


@blueprint.post("/<int:key>/delete")
@needs(*access.READS)
def delete(key: int) -> Response:
    segment = access.find_to_edit(db(), me(), key)
    try:
        service.remove(db(), me(), segment)
    except Conflict as error:
        flash(str(error), "bad")
        return redirect(url_for("segments.show", key=key))
    flash(f"The segment “{segment.name}” is gone. Its affiliates stay.", "ok")
    return redirect(url_for("segments.index"))


def _people(user: User, named: Condition) -> dict[str, object]:
    """The affiliates of one page, and why an announcement would leave out some of them."""
    search, show = request.args.get("q", "").strip(), request.args.get("show", "")
    size = queries.size(db(), user, named)
    totals = {"": size.named, GETS: size.gets, LEFT_OUT: size.left_out}
    show = show if show in totals else ""
    found: Page[int] = paginate(
        db(),
        queries.people(db(), user, named, search=search, show=show),
        total=None if search else totals[show],
        number=asked_page(),
    )
    people = affiliate_queries.in_order(db(), found.items)
    return {
        "size": size,
        "page": found,
        "people": people,
        "reasons": queries.reasons(db(), named, people),
        "search": search,
        "shown": show,
        "few": size.named <= finding.FEW,
        "details": affiliates.sees_details(user),
    }


def _build(segment: Segment | None) -> str | Response:
    """The builder. Only the button “Save” saves; the others change what stands in the form."""
    form = SegmentForm(obj=segment)
    groups = builder.typed(request.form) if request.method == "POST" else _start(segment)
    if form.submitted():
        button = request.form.get("do", LOOK)
        if button == SAVE:
            try:
                return _saved(segment, form, groups)
            except Invalid as error:
                db().rollback()
                form.refuse(error)
        groups = builder.pressed(groups, button, request.form)
    found = words.choices(db(), me())
    return render_template(
        "segments/edit.html",
        form=form,
        segment=segment,
        groups=list(builder.lines(groups, found)),
        fields=[one for one in FIELDS.values() if not one.private or affiliates.sees_details(me())],
        limits=(MOST_GROUPS, MOST_RULES),
        owner=segment is None or segment.owner_id == me().id,
        uses=ports.uses(db(), segment.id) if segment else [],
        **_counted(groups),
    )


def _start(segment: Segment | None) -> Groups:
    return from_plain(segment.rules) if segment else START


def _saved(segment: Segment | None, form: SegmentForm, groups: Groups) -> Response:
    name, shared = form.name.data or "", bool(form.shared.data)
    if segment is None:
        segment = service.create(db(), me(), name, groups, shared=shared)
    else:
        service.change(db(), me(), segment, name, groups, shared=shared)
    flash(f"The segment “{segment.name}” was saved.", "ok")
    return redirect(url_for("segments.show", key=segment.id))


def _counted(groups: Groups) -> dict[str, object]:
    """Size and first names, or why they can't be counted yet."""
    try:
        named = condition(Reader(db(), me()), checked(me(), groups))
    except Invalid as error:
        return {"size": None, "first": [], "refusal": next(iter(error.problems.values()))}
    ids = db().scalars(queries.people(db(), me(), named).limit(SHOWN)).all()
    return {
        "size": queries.size(db(), me(), named),
        "first": affiliate_queries.in_order(db(), ids),
        "refusal": "",
    }
