"""Addresses of this feature."""

from flask import Blueprint, Flask

blueprint = Blueprint("feedback", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
