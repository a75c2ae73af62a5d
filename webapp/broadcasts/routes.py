"""Addresses of this feature."""

from flask import Blueprint, Flask

blueprint = Blueprint("broadcasts", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
