"""The app for a WSGI server, built from the environment."""

from webapp.app import create_app
from webapp.config import Config
from webapp.wiring import open_desk

app = create_app(open_desk(Config.from_environment()))
