"""Affiliates into a file, and the pages that bring them from one."""

from flask import Response, request

from webapp.affiliates import access, ports
from webapp.affiliates.exporting import export as csv_pieces
from webapp.affiliates.kind import importer_of
from webapp.affiliates.routes import blueprint, me
from webapp.errors import Invalid, NotFound
from webapp.imports import views
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.get("/affiliates/export")
@needs("import_and_export")
def export() -> Response:
    importer_of(me())
    """All of them, or with `?segment=` those of one; as many as the user may see."""
    user, segment = me(), request.args.get("segment", "")
    own, only = access.own_only(user), None
    if segment:
        try:
            only = ports.segments().within(db(), segment, user)
        except Invalid as error:
            raise NotFound(error.problems["audience"]) from error
    return views.download("affiliates.csv", lambda session: csv_pieces(session, own=own, only=only))


views.install(blueprint, "affiliates", "/affiliates/import")
