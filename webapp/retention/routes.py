"""The page that says how long what is kept."""

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from webapp.accounts import audit
from webapp.retention.kinds import KINDS
from webapp.settings import store
from webapp.settings.storing import stored
from webapp.web.access import needs
from webapp.web.forms import Form, TextField
from webapp.web.session import db

blueprint = Blueprint("retention", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


def _form() -> Form:
    numbers = {"inputmode": "numeric", "autocomplete": "off"}
    fields: dict[str, Any] = {
        kind.setting: TextField(
            f"{kind.label}, days",
            description=kind.help,
            render_kw={**numbers, "placeholder": getattr(store.Identity(), kind.setting) or "for ever"},
        )
        for kind in KINDS
    }
    form: Form = type("RetentionForm", (Form,), fields)(obj=store.identity(db()))
    return form


@blueprint.route("/account/retention", methods=["GET", "POST"])
@needs("manage_email_settings")
def retention() -> str | Response:
    form = _form()
    typed = stored(form, [kind.setting for kind in KINDS])
    if typed is not None:
        audit.record(db(), current_user, "retention changed", **typed)
        flash("Saved. What is older is cleared away within the hour.", "ok")
        return redirect(url_for("retention.retention"))
    return render_template("retention/retention.html", form=form, kinds=KINDS)
