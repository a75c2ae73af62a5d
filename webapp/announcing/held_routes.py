"""The second person's look at mails of an event that go to very many."""

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import User
from webapp.announce import expected
from webapp.announcing import catalogue, held
from webapp.announcing.models import HeldEvent
from webapp.announcing.routes import blueprint
from webapp.errors import Invalid
from webapp.web.access import needs
from webapp.web.forms import Form, TextField
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk


class DeclineForm(Form):
    reason = TextField("Why nobody is to be mailed")


@blueprint.get(held.PAGE)
@needs(held.RIGHT)
def waiting() -> str:
    state, search = request.args.get("state", held.WAITING), request.args.get("q", "").strip()
    page = paginate(db(), held.listed(state, search), number=asked_page())
    return render_template(
        "announcing/waiting.html",
        page=page,
        state=state,
        states=held.STATES,
        search=search,
        events=catalogue.EVENTS,
        who=_who,
    )


@blueprint.get(f"{held.PAGE}/<int:number>")
@needs(held.RIGHT)
def look(number: int) -> str:
    return _page(held.get(db(), number), DeclineForm())


@blueprint.post(f"{held.PAGE}/<int:number>/approve")
@needs(held.RIGHT)
def approve(number: int) -> Response:
    done = held.approve(db(), desk().vault, _me(), held.get(db(), number))
    flash(f"Approved. {done}", "ok")
    return redirect(url_for("announcing.waiting"))


@blueprint.post(f"{held.PAGE}/<int:number>/decline")
@needs(held.RIGHT)
def decline(number: int) -> Response | str:
    row, form = held.get(db(), number), DeclineForm()
    try:
        held.decline(db(), _me(), row, form.reason.data or "")
    except Invalid as error:
        form.refuse(error)
        return _page(row, form)
    flash("Nobody is mailed for it. The change itself stands.", "ok")
    return redirect(url_for("announcing.waiting"))


def _me() -> User:
    return cast(User, current_user._get_current_object())


def _who(number: int | None) -> str:
    user = db().get(User, number) if number is not None else None
    return user.name if user else ""


def _page(row: HeldEvent, form: DeclineForm) -> str:
    happening = held.happening_of(desk().vault, row)
    [mail] = expected(db(), [happening], current_user)
    event = catalogue.find(row.event)
    names = {name.lower(): name for name in event.values}
    return render_template(
        "announcing/held.html",
        row=row,
        event=event,
        mail=mail,
        values={names.get(key, key): value for key, value in happening.values.items()},
        form=form,
        own=row.asked_by == current_user.id,
        who=_who,
    )
