"""Addresses of this feature."""

from flask import Blueprint, Flask, render_template, request

from webapp.mail.compose import guide
from webapp.web.access import signed_in

blueprint = Blueprint("token_guide", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/tokens")
@signed_in
def index() -> str:
    """Every token with its meaning, where it is valid and an example."""
    search = request.args.get("q", "").strip()[:100]
    return render_template(
        "token_guide/index.html",
        rows=[one for one in (*guide.tokens(), *guide.lists()) if _matches(one, search)],
        grammar=guide.grammar(),
        search=search,
    )


def _matches(one: guide.Explained, search: str) -> bool:
    text = f"{one.group} {one.written} {one.meaning} {one.valid}".lower()
    return all(word in text for word in search.lower().split())
