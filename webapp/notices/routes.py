"""The address at which services tell what became of mails, and the page that lists what they told."""

import logging

from flask import Blueprint, Flask, Response, render_template, request, url_for
from sqlalchemy import select

from transports.contract import Capability, Transport
from transports.errors import TransportError
from transports.events import EventKind, ForgedRequest, WebhookRequest
from webapp.desk import Desk
from webapp.errors import Invalid, NotFound
from webapp.notices import listing
from webapp.notices.intake import take_in
from webapp.notices.listing import Link
from webapp.settings import servers
from webapp.settings.models import MailServer
from webapp.settings.opening import settings_of, transport_class
from webapp.web.access import needs, public
from webapp.web.origin import take_from_anywhere
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk

blueprint = Blueprint("notices", __name__)
log = logging.getLogger("offerpost.notices")
LONGEST = 512 * 1024


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    take_from_anywhere(app, receive)  # services have no session; the transport checks what they signed
    app.jinja_env.globals["notices_link"] = link


@blueprint.post("/hooks/<public_id>")
@public
def receive(public_id: str) -> Response:
    """200 for what was understood, known already or of no interest; 400 for what is not genuine; else 503: send it again."""
    request.max_content_length = LONGEST
    told = WebhookRequest(
        request.method,
        {name.lower(): value for name, value in request.headers},
        request.args.to_dict(),
        request.get_data(cache=False),
    )
    server_id, transport = _opened(desk(), public_id)
    try:
        events = transport.events(told)
    except ForgedRequest as error:
        log.warning("notice for %s refused: %s %s", public_id, error.reason, error.detail)
        return _said(f"{error.reason} {error.hint}".strip(), 400)
    except TransportError as error:
        log.warning("notice for %s put off: %s %s", public_id, error.reason, error.detail)
        return _said("It could not be checked just now. Send it again.", 503)
    finally:
        transport.close()
    new = take_in(desk(), server_id, events, told.body)
    return _said(f"{new} new")


@blueprint.get("/delivery/notices")
@needs("view_delivery_log", "manage_email_settings")
def index() -> str:
    search, kind = request.args.get("q", "").strip(), request.args.get("kind", "")
    sort = request.args.get("sort", "")
    page = paginate(db(), listing.listed(search, kind, sort), number=asked_page())
    return render_template(
        "notices/index.html",
        page=page,
        search=search,
        kind=kind,
        sort=sort,
        kinds=list(EventKind),
        servers={one.id: one.name for one in servers.saved(db())},
        reports=listing.any_server_reports(desk(), db()),
    )


def link(transport: type[Transport], server: MailServer | None) -> Link | None:
    """For the page of a mail server; None for one that is not saved yet or whose service tells nothing."""
    if server is None or Capability.EVENTS not in transport.capabilities:
        return None
    return listing.link_of(desk(), db(), server, url_for("notices.receive", public_id=server.public_id))


def _opened(opened: Desk, public_id: str) -> tuple[int, Transport]:
    """Read without the lock that a POST takes otherwise: anybody may post here."""
    with opened.reading() as session:
        saved = select(MailServer).where(MailServer.public_id == public_id, MailServer.draft_until.is_(None))
        server = session.scalar(saved)
        kind = _kind_of(opened, server) if server is not None else None
        if server is None or kind is None:
            raise NotFound("No mail server has this address for notices.")
        log_of = logging.getLogger(f"offerpost.{server.kind}")
        return server.id, kind(settings_of(opened, server), net=opened.net, log=log_of)


def _kind_of(opened: Desk, server: MailServer) -> type[Transport] | None:
    """None if its service tells nothing, or its plugin is gone."""
    try:
        kind = transport_class(opened, server.kind)
    except Invalid:
        return None
    return kind if Capability.EVENTS in kind.capabilities else None


def _said(words: str, status: int = 200) -> Response:
    return Response(f"{words}\n", status, mimetype="text/plain")
