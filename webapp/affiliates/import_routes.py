"""Affiliates into a file, and the pages that bring them from one."""

from flask import Response

from webapp.affiliates import access
from webapp.affiliates.exporting import export as csv_pieces
from webapp.affiliates.kind import importer_of
from webapp.affiliates.routes import blueprint, me
from webapp.imports import views
from webapp.web.access import needs


@blueprint.get("/affiliates/export")
@needs("import_and_export")
def export() -> Response:
    importer_of(me())
    own = access.own_only(me())
    return views.download("affiliates.csv", lambda session: csv_pieces(session, own=own))


views.install(blueprint, "affiliates", "/affiliates/import")
