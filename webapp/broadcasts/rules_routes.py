"""The page with the rules that hold for every message: when two people have to look, and how often one person is written to."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.broadcasts.routes import blueprint
from webapp.settings import store
from webapp.settings.storing import stored
from webapp.web.access import needs
from webapp.web.forms import Form, TextField
from webapp.web.session import db

KEYS = ("approve_above", "most_announcements", "announcement_days")
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class RulesForm(Form):
    approve_above = TextField(
        "A second person approves messages to more than",
        description="So many recipients. It holds for the mails of events, by hand, by the clock and by the API, too."
        " Empty: nobody else has to look. Approving needs the right “Approve large sends”.",
        render_kw=_NUMBER,
    )
    most_announcements = TextField(
        "At most so many announcements to one person",
        description="Whoever has had so many is left out of the next. Mail about their account always goes. Empty: no limit.",
        render_kw=_NUMBER,
    )
    announcement_days = TextField("within so many days", description="Empty: seven.", render_kw=_NUMBER)


@blueprint.route("/rules", methods=["GET", "POST"])
@needs("manage_email_settings")
def rules() -> Response | str:
    form = RulesForm(obj=store.identity(db()))
    typed = stored(form, KEYS)
    if typed is not None:
        audit.record(db(), current_user, "sending rules changed", **typed)
        flash("Saved. It holds for every message that is sent from now on.", "ok")
        return redirect(url_for("broadcasts.rules"))
    return render_template("broadcasts/rules.html", form=form, keys=KEYS)
