"""The public address of counted links as Flask knows it. Those that lead somewhere `door` has answered before."""

from flask import Blueprint, Flask, abort, current_app, redirect
from werkzeug.wrappers import Response

from webapp.mail import opens
from webapp.tracking.door import Door
from webapp.web.access import public

blueprint = Blueprint("tracking", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    door = Door(app.extensions["desk"], app.wsgi_app)
    app.extensions["door"] = door
    app.wsgi_app = door  # type: ignore[method-assign]


@blueprint.get("/o/<token>")
@public
def picture(token: str) -> Response:
    """Says why there is no picture: what has a genuine address was answered before."""
    opens.message_named_by(current_app.extensions["desk"].vault, token)
    abort(404)


@blueprint.get("/c/<token>/<number>")
@public
def follow(token: str, number: str) -> Response:
    """Says why a link leads nowhere."""
    door: Door = current_app.extensions["door"]
    return redirect(door.look(token, number).url)
