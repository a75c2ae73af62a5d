"""Addresses of this feature."""

from flask import Blueprint, Flask, render_template

from webapp.web.access import signed_in

blueprint = Blueprint("dashboard", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@signed_in
def overview() -> str:
    return render_template("dashboard/overview.html")
