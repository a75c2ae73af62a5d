"""What layouts and error pages ask of this feature."""

from flask import Flask
from flask_login import current_user

from webapp.accounts.ports import setting
from webapp.accounts.users import holders
from webapp.web.session import db


def install(app: Flask) -> None:
    app.jinja_env.globals["givers_of"] = givers_of
    # Features above know these better and put their own in place.
    app.jinja_env.globals.setdefault("network_name", lambda: setting(db(), "network_name"))
    app.jinja_env.globals.setdefault("lasting_trouble", lambda: None)


def givers_of(_right: str) -> str:
    """A sentence that names who can give a right: “Mara Lindqvist can give it to you.”"""
    names = [user.name for user in holders(db()) if user.id != getattr(current_user, "id", None)]
    return f"{' or '.join(names[:2])} can give it to you under Account, Users & rights." if names else ""
