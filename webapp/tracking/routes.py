"""The public address of counted links as Flask knows it. Those that lead somewhere `door` has answered before."""

from flask import Blueprint, Flask, current_app, redirect
from werkzeug.wrappers import Response

from webapp.tracking.door import Door
from webapp.web.access import public

blueprint = Blueprint("tracking", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    door = Door(app.extensions["desk"], app.wsgi_app)
    app.extensions["door"] = door
    app.wsgi_app = door  # type: ignore[method-assign]


@blueprint.get("/c/<token>/<number>")
@public
def follow(token: str, number: str) -> Response:
    """Says why a link leads nowhere."""
    door: Door = current_app.extensions["door"]
    return redirect(door.look(token, number).url)
