"""The live test: a mail is sent, or a source is pasted; both are judged beside the pages."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.domains.forms import LoopForm, SourceForm
from webapp.domains.loop import pasting, sending, store
from webapp.domains.loop.jobs import WATCH
from webapp.domains.loop.ports import own_inbox
from webapp.domains.models import LoopTest
from webapp.domains.routes import RIGHT, blueprint
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail import heartbeat
from webapp.mail.models import OutboxMail
from webapp.settings import servers
from webapp.web.access import needs
from webapp.web.forms import choices
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk, release

AS_ROUTED = 0  # the server that the routes choose


@blueprint.route("/domain-check/live", methods=["GET", "POST"])
@needs(RIGHT)
def live() -> Answer | str | tuple[str, int]:
    """Send a test, and the tests that were made."""
    form = _loop_form()
    if form.submitted():
        try:
            return _started(form)
        except (Invalid, NotFound) as error:
            form.refuse(error if isinstance(error, Invalid) else Invalid({"server": str(error)}))
    return _page(form, SourceForm())


@blueprint.post("/domain-check/live/paste")
@needs(RIGHT)
def live_paste() -> Answer | str | tuple[str, int]:
    form = SourceForm()
    return _pasted(form, None) or _page(_loop_form(), form)


@blueprint.route("/domain-check/live/<int:number>", methods=["GET", "POST"])
@needs(RIGHT)
def live_test(number: int) -> Answer | str | tuple[str, int]:
    """One test: what it waits for, the form for its source, or its verdicts. htmx asks whether it is over."""
    test = store.find(db(), number)
    form = SourceForm(receiver=test.receiver)
    answer = _pasted(form, test)
    if answer is not None:
        return answer
    mail = db().get(OutboxMail, test.mail_id) if test.mail_id else None
    waits = test.state == store.JUDGING or (test.state == store.WAITING and test.way == store.MAILBOX)
    if request.headers.get("HX-Request") and not waits:
        return Response(headers={"HX-Refresh": "true"})
    page = render_template(
        "domains/_loop_waits.html" if request.headers.get("HX-Request") else "domains/loop_test.html",
        test=test,
        mail=mail,
        waits=waits,
        form=form,
        nobody_sends=not heartbeat.living(db()),
    )
    return page, 400 if any(form.problems()) else 200


def _started(form: LoopForm) -> Answer:
    if form.way.data == store.PASTE and not form.address.data:
        raise Invalid({"address": "Type the address to which the test goes."})
    wish = sending.Wish(
        from_address=form.from_address.data or "",
        address=(form.address.data or "") if form.way.data == store.PASTE else "",
        server_id=form.server.data or None,
        kind=form.kind.data,
        receiver=form.receiver.data or "",
    )
    test = sending.start(desk(), db(), current_user, wish)
    release()
    if test.way == store.MAILBOX:
        desk().jobs.enqueue(WATCH, number=test.id)
    return redirect(url_for("domains.live_test", number=test.id))


def _pasted(form: SourceForm, test: LoopTest | None) -> Answer | None:
    """Where to go after a good paste; None if there was none, or it was refused."""
    if not form.submitted():
        return None
    try:
        taken = pasting.take(
            db(), form.source.data or "", by=current_user, test=test, receiver=form.receiver.data or ""
        )
    except Invalid as error:
        form.refuse(error)
        return None
    except Conflict as error:
        flash(str(error), "bad")
        return redirect(url_for("domains.live"))
    release()
    desk().jobs.enqueue(WATCH, number=taken.id)
    return redirect(url_for("domains.live_test", number=taken.id))


def _loop_form() -> LoopForm:
    own = own_inbox().address(db())
    form = LoopForm(way=store.MAILBOX if own else store.PASTE, server=AS_ROUTED)
    saved = [(str(one.id), one.name) for one in servers.saved(db())]
    form.server.choices = choices([(str(AS_ROUTED), "As the routes say"), *saved])
    return form


def _page(form: LoopForm, source: SourceForm) -> tuple[str, int]:
    search, sort = request.args.get("q", "").strip().lower(), request.args.get("sort", "")
    page = render_template(
        "domains/live.html",
        form=form,
        source=source,
        own=own_inbox().address(db()),
        page=paginate(db(), store.listed(search, sort), number=asked_page()),
        search=search,
        sort=sort,
        domains=sending.possible_domains(db()),
    )
    return page, 400 if any(form.problems()) or any(source.problems()) else 200
