"""Addresses of static files that change with their content, so that browsers may keep them for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, url_for


def install(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["sprite"] = lambda: asset("vendor/icons.svg")


def asset(name: str) -> str:
    """The address of `static/<name>` with the hash of its content."""
    return url_for("static", filename=name, v=_digest(Path(str(current_app.static_folder)) / name))


@cache
def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "missing"
