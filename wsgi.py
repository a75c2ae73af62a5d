"""The app for a WSGI server, built from the environment."""

from webapp.app import create_app
from webapp.config import Config
from webapp.wiring import Desk

app = create_app(Desk.open(Config.from_environment()))
