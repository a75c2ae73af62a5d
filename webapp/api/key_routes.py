"""The pages about keys of other programs: the list, a new one (shown once), revoking."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import users
from webapp.api import guide as guides
from webapp.api import keys
from webapp.api.forms import KeyForm
from webapp.api.scopes import SCOPES
from webapp.errors import Invalid
from webapp.settings import store
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db

blueprint = Blueprint("api_keys", __name__, url_prefix="/account/api")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@needs(keys.RIGHT)
def index() -> str:
    search, everything = request.args.get("q", "").strip(), bool(request.args.get("all"))
    page = paginate(db(), keys.listed(search, everything=everything), number=asked_page())
    return render_template(
        "api/index.html", page=page, search=search, everything=everything, state_of=keys.state
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(keys.RIGHT)
def new() -> str:
    form = KeyForm()
    if form.submitted():
        try:
            key, secret = keys.make(db(), users.get(db(), current_user.id), form.wish())
            return render_template("api/made.html", key=key, secret=secret)
        except Invalid as error:
            form.refuse(error)
    return render_template("api/new.html", form=form, scopes=SCOPES)


@blueprint.route("/<int:number>/revoke", methods=["GET", "POST"])
@needs(keys.RIGHT)
def revoke(number: int) -> Response | str:
    key = keys.get(db(), number)
    if request.method == "POST":
        keys.revoke(db(), users.get(db(), current_user.id), key)
        flash(f"The key of “{key.name}” opens nothing any more.", "ok")
        return redirect(url_for("api_keys.index"))
    return render_template("api/revoke.html", key=key)


@blueprint.get("/guide")
@needs(keys.RIGHT)
def guide() -> str:
    base = store.identity(db()).public_url or request.host_url.rstrip("/")
    return render_template(
        "api/guide.html",
        guide=guides.guide(),
        base=base,
        written=guides.written,
        request_of=guides.request_of,
    )
