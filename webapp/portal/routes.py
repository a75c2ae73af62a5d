"""Signing in and out of the affiliate's page; the pages themselves are in the modules that `install` names."""

import time
from importlib import import_module
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug import Response as AnyResponse

from webapp.accounts.sessions import local_path
from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid
from webapp.mail import links
from webapp.portal import entering, sessions
from webapp.portal.forms import AskForm, ContinueForm
from webapp.settings import store
from webapp.web import access
from webapp.web.access import affiliate, public
from webapp.web.session import db, desk, release

blueprint = Blueprint("portal", __name__)
ANSWER_SECONDS = 0.4  # nobody can tell by the clock whether there was a mail to prepare
NEXT = "portal_next"  # in the browser's session: where somebody wanted to go before he was signed in
OPENS = {
    links.AUTO_LOGIN: "Open my page",
    links.CREATIVES: "Open the creatives",
    links.TAX_FORM: "Hand in the tax form",
}


def install(app: Flask) -> None:
    for module in ("offer_routes", "mail_routes", "tax_routes", "staff_routes", "settings_routes", "panel"):
        import_module(f"webapp.portal.{module}")
    app.register_blueprint(blueprint)
    access.plug_gate(app, gate)
    app.jinja_env.globals.update(my_url=my_url, portal_of=lambda: store.identity(db()), seen_as=seen_as)


def gate() -> Response | None:
    """Lets an affiliate to his own pages; everybody else goes to where links are sent from."""
    sessions.check_open()
    if sessions.current() is not None:
        return None
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("portal.sign_in", next=here))  # type: ignore[return-value]


def seen_as() -> Affiliate | None:
    """The affiliate as whom a colleague looks at these pages, if that is what happens just now."""
    found: Affiliate | None = g.get("seen_as")
    return found


def my_url(page: str, **values: Any) -> str:
    """The address of one of the affiliate's pages; on the pages as a colleague looks at them, of theirs."""
    seen = seen_as()
    if seen is not None:
        return url_for(f"portal.seen_{page}", key=seen.id, **values)
    return url_for(f"portal.{page}", **values)


@blueprint.route("/l/<path>/<token>", methods=["GET", "POST"])
@public
def enter(path: str, token: str) -> AnyResponse | str | tuple[str, int]:
    """Opening it spends nothing: programs that check links open every one. The button signs in."""
    sessions.check_open()
    if path not in OPENS:
        abort(404)
    if token == links.PREVIEW:
        return render_template("portal/preview.html")
    entrance = entering.look(db(), desk(), path, token)
    here = sessions.current()
    if here is not None and _is_his(here, entrance):
        return redirect(_target(entrance))  # spent, and still signed in by it
    if entrance.affiliate is None:
        return _over(path, token, entrance.used)
    form = ContinueForm()
    if form.submitted():
        if not entering.use(db(), entrance):
            return _over(path, token, used=True)
        response = redirect(_target(entrance))
        sessions.begin(response, entrance.affiliate)
        return response
    return render_template("portal/enter.html", form=form, opens=OPENS[path])


@blueprint.post("/l/<path>/<token>/again")
@public
def again(path: str, token: str) -> AnyResponse | str | tuple[str, int]:
    """A new link in the place of an old one: to the address on file, whose it is nobody is told."""
    sessions.check_open()
    began = time.monotonic()
    try:
        entering.replace(db(), desk(), path, token, request.remote_addr or "")
    except Invalid as error:
        flash(" ".join(error.problems.values()), "bad")
        return redirect(url_for("portal.enter", path=path, token=token))
    return _sent(began)


@blueprint.route("/my/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> AnyResponse | str:
    sessions.check_open()
    if sessions.current() is not None:
        return redirect(url_for("portal.mine"))
    form, began = AskForm(), time.monotonic()
    if form.submitted():
        try:
            entering.ask(db(), desk(), form.email.data or "", request.remote_addr or "")
        except Invalid as error:
            form.refuse(error)
        else:
            return _sent(began)
    elif wanted := _own_path(request.args.get("next")):
        session[NEXT] = wanted
    return render_template("portal/sign_in.html", form=form)


@blueprint.post("/my/sign-out")
@affiliate
def sign_out() -> AnyResponse:
    response = redirect(url_for("portal.sign_in"))
    sessions.end(response)
    return response


@blueprint.get("/creatives/<path:cid>")
@public
def creatives_of(cid: str) -> AnyResponse:
    """The creatives of an offer for whoever is signed in; the same address stands in everybody's mail."""
    return redirect(url_for("portal.offer_by_cid", cid=cid))


def _is_his(here: Affiliate, entrance: entering.Entrance) -> bool:
    return entrance.used and entering.owner_of(db(), entrance.mail_id) == here


def _target(entrance: entering.Entrance) -> str:
    if entrance.path == links.CREATIVES and entrance.cid:
        return url_for("portal.offer_by_cid", cid=entrance.cid)
    if entrance.path == links.TAX_FORM:
        return url_for("portal.tax_form")
    return _own_path(session.pop(NEXT, None)) or url_for("portal.mine")


def _own_path(target: Any) -> str | None:
    path = local_path(target)
    return path if path and path.startswith("/my/") else None


def _over(path: str, token: str, used: bool) -> tuple[str, int]:
    return render_template("portal/over.html", path=path, token=token, used=used, form=ContinueForm()), 410


def _sent(began: float) -> str:
    release()
    time.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))
    return render_template("portal/sent.html")
