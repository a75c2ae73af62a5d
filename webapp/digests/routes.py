"""The pages of digests: the list, the form, one digest with its next edition, a preview, and its history."""

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.affiliates.audience import describe
from webapp.affiliates.forms import PressForm
from webapp.affiliates.routes import me
from webapp.broadcasts import access as messages
from webapp.broadcasts import previews, release
from webapp.digests import access, issuing, news, queries, service, times
from webapp.digests.forms import DigestForm
from webapp.digests.models import Digest
from webapp.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from webapp.mail.compose import TokenProblems
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail_templates.looking import in_colours, seen_with
from webapp.settings import store
from webapp.web.access import needs
from webapp.web.headers import as_mail_preview
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk

blueprint = Blueprint("digests", __name__, url_prefix="/digests")


def install(app: Flask) -> None:
    app.jinja_env.filters["digest_times"] = lambda one: times.in_words(one.every, one.day, one.hour)
    app.register_blueprint(blueprint)


@blueprint.get("")
@needs(*access.READS)
def index() -> str:
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "name")
    page = paginate(db(), queries.digests(me(), search=search, sort=sort), number=asked_page())
    said = {one.id: _described(one) for one in page.items}
    return render_template("digests/index.html", page=page, search=search, sort=sort, said=said)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(*messages.WRITES)
def new() -> str | AnyResponse:
    return _form(None)


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@needs(*messages.WRITES)
def edit(key: int) -> str | AnyResponse:
    return _form(access.find_own(db(), me(), key))


@blueprint.get("/<int:key>")
@needs(*access.READS)
def show(key: int) -> str:
    digest = access.find(db(), me(), key)
    offers: list[int] = []
    count, refusal = 0, ""
    try:
        offers, count = queries.expected(db(), digest)
    except Invalid as error:
        refusal = " ".join(error.problems.values())
    return render_template(
        "digests/show.html",
        digest=digest,
        described=_described(digest),
        offers=offers,
        count=count,
        refusal=refusal,
        steers=access.may_steer(me(), digest),
        waits=_waits(digest, count),
        people=_people(digest, offers),
        chosen=request.args.get("as", type=int),
        page=paginate(db(), queries.editions(digest), number=asked_page()),
        zone=store.identity(db()).timezone,
        press=PressForm(),
    )


@blueprint.get("/<int:key>/preview/<int:affiliate_id>")
@needs(*access.READS)
def preview(key: int, affiliate_id: int) -> Response:
    """The next edition as this affiliate would get it now."""
    digest = access.find(db(), me(), key)
    affiliate = previews.find(db(), me(), affiliate_id)
    draft = service.draft_of(db(), desk().config, digest)
    offers = news.candidates(db(), service.author_of(db(), digest))
    try:
        seen = seen_with(draft, issuing.values_for(db(), draft, affiliate, offers), OFFER_DIGEST)
    except TokenProblems as error:
        return as_mail_preview(render_template("editor/no_preview.html", problems=error.found))
    return as_mail_preview(in_colours(seen.preview.html, request.args.get("colours", "")))


@blueprint.post("/<int:key>/switch")
@needs(*messages.WRITES)
def switch(key: int) -> AnyResponse:
    digest, on = access.find_own(db(), me(), key), request.form.get("on") == "1"
    try:
        service.switch(db(), me(), digest, on=on)
    except Invalid as error:
        flash(" ".join(error.problems.values()), "bad")
        return redirect(url_for("digests.show", key=key))
    flash("It comes at its times from now on." if on else "It does not come any more.", "ok")
    return redirect(url_for("digests.show", key=key))


@blueprint.post("/<int:key>/approve")
@needs(messages.APPROVE)
def approve(key: int) -> AnyResponse:
    digest = access.find(db(), me(), key)
    try:
        service.approve(db(), desk().config, me(), digest)
    except Conflict as error:
        flash(str(error), "bad")
    else:
        flash("Approved, until what it says or its audience is changed.", "ok")
    return redirect(url_for("digests.show", key=key))


@blueprint.post("/<int:key>/delete")
@needs(*messages.WRITES)
def delete(key: int) -> AnyResponse:
    digest = access.find_own(db(), me(), key)
    try:
        service.remove(db(), me(), digest)
    except Conflict as error:
        flash(str(error), "bad")
        return redirect(url_for("digests.show", key=key))
    flash(f"The digest “{digest.name}” is gone. The messages of its editions stay.", "ok")
    return redirect(url_for("digests.index"))


def _form(digest: Digest | None) -> str | AnyResponse:
    form = DigestForm.of(db(), me(), digest)
    if form.submitted():
        try:
            if digest is None:
                digest = service.create(db(), me(), form.plan())
                flash("Saved, and still switched off: look at it first.", "ok")
            else:
                service.change(db(), me(), digest, form.plan())
                flash("Saved. It counts from the next edition on.", "ok")
            return redirect(url_for("digests.show", key=digest.id))
        except Invalid as error:
            if digest is not None and digest.id:
                db().expire(digest)
            form.refuse(error)
        except NotAllowed as error:
            form.refuse(Invalid({"audience": str(error)}))
    return render_template("digests/edit.html", form=form, digest=digest, zone=store.identity(db()).timezone)


def _described(digest: Digest) -> str:
    try:
        return describe(db(), digest.audience)
    except Invalid:
        return digest.audience


def _waits(digest: Digest, count: int) -> bool:
    """Whether it needs a second person who has not agreed to it as it is now."""
    if not release.needs_second(db(), count):
        return False
    try:
        now = service.fingerprint(db(), desk().config, digest)
    except NotFound:
        return False
    return digest.approved_by is None or digest.approved_text != now


def _people(digest: Digest, offers: list[int]) -> list[object]:
    """The first of those who would get it, as whom the user may look at it."""
    try:
        who = issuing.audience_of(db(), digest, offers).subquery()
    except DomainError:
        return []
    return list(previews.among(db(), me(), who))
