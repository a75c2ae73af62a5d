"""The misbehaving servers, in one place to import from."""

from transports.testing.listener import Cut, Drip, Flood, Hang, Listener
from transports.testing.smtp_server import EXTENSIONS, Received, SmtpServer, certificate
from transports.testing.web_server import WebAnswer, WebRequest, WebServer

__all__ = [
    "EXTENSIONS",
    "Cut",
    "Drip",
    "Flood",
    "Hang",
    "Listener",
    "Received",
    "SmtpServer",
    "WebAnswer",
    "WebRequest",
    "WebServer",
    "certificate",
]
