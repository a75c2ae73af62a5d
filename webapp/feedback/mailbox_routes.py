"""The mailbox that returned mail is fetched from: its form, its test, and fetching at once."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.errors import Conflict, Invalid
from webapp.feedback.jobs import FETCH
from webapp.feedback.mailbox import session as talking
from webapp.feedback.mailbox import settings
from webapp.feedback.mailbox.form import MailboxForm, mailbox_form
from webapp.feedback.mailbox.models import Mailbox
from webapp.feedback.routes import blueprint
from webapp.settings import probe, store
from webapp.web.access import needs
from webapp.web.session import db, desk, release

RIGHT = "manage_email_settings"
HERE = "/account/email-settings/mailbox"


@blueprint.route(HERE, methods=["GET", "POST"])
@needs(RIGHT)
def mailbox() -> Answer | str | tuple[str, int]:
    box = settings.saved(db())
    form = mailbox_form(box)
    if not form.submitted():
        return _drawn(form, box, status=400 if any(form.problems()) else 200)
    try:
        settled = settings.settle(box, form.typed())
        if request.form.get("do") == "probe":
            return _drawn(form, box, _tested(box, settled))
        settings.put(desk(), db(), current_user, settled)
    except Invalid as error:
        form.refuse(error)
        return _drawn(form, box, status=400)
    except Conflict as error:
        form.refuse(Invalid({"": str(error)}))
        return _drawn(form, box, status=400)
    flash("Saved. Test the connection if you haven’t yet.", "ok")
    return redirect(url_for("feedback.mailbox"))


@blueprint.post(f"{HERE}/fetch")
@needs(RIGHT)
def fetch_mailbox() -> Answer:
    settings.of(desk(), settings.saved(db()))
    release()
    desk().jobs.enqueue(FETCH)
    flash("The mailbox is being read. What it held shows under Returned mail in a moment.", "ok")
    return redirect(url_for("feedback.mailbox"))


@blueprint.post(f"{HERE}/remove")
@needs(RIGHT)
def remove_mailbox() -> Answer:
    settings.remove(db(), current_user)
    flash("The mailbox is forgotten. What was taken in stays here.", "ok")
    return redirect(url_for("feedback.mailbox"))


def _tested(box: Mailbox | None, settled: settings.Settled) -> list[talking.Stage]:
    probe.slow_down(db(), current_user)
    place = {name: settled.values[name] for name in ("host", "port")}
    audit.record(db(), current_user, probe.TRIED, "mailbox", **place)
    tried = settings.to_try(desk(), box, settled)
    release()
    return talking.test(desk(), tried)


def _drawn(
    form: MailboxForm, box: Mailbox | None, stages: list[talking.Stage] | None = None, *, status: int = 200
) -> tuple[str, int]:
    address = store.identity(db()).bounce_address
    return render_template(
        "feedback/mailbox.html", form=form, box=box, checks=stages or [], bounce_address=address
    ), status
