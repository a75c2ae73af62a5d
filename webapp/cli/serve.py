"""`offerpost serve`: the web server, and the sender as a process of its own, so that a plugin's fault takes no page down."""

import errno
import signal
import socket
import sys
from dataclasses import replace
from types import FrameType
from typing import NoReturn

import click

from webapp import logs
from webapp.cli.keeper import Keeper
from webapp.config import Config
from webapp.desk import Desk
from webapp.errors import DomainError
from webapp.wiring import open_desk

THREADS = 8


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8025, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--no-worker", is_flag=True, help="Only the pages: mail is sent by `offerpost worker` elsewhere."
)
def serve_command(host: str, port: int, no_worker: bool) -> None:
    """Start the web server and the sender; prepares or migrates the instance first."""
    listener = _listen(host, port)
    address = _address(host, listener.getsockname()[1])
    config = Config.from_environment()
    logs.install(config.log)
    config = replace(config, public_url=config.public_url or address)
    desk = open_desk(config)
    signal.signal(signal.SIGTERM, _stop)
    with Keeper(config, enabled=not no_worker):
        _serve(desk, listener, address)


def _serve(desk: Desk, listener: socket.socket, address: str) -> None:
    from waitress.server import create_server

    from webapp.app import UPLOAD_LIMIT, create_app

    server = create_server(
        create_app(desk, secure_cookies=desk.config.public_url.startswith("https://")),
        sockets=[listener],
        threads=THREADS,
        max_request_body_size=UPLOAD_LIMIT,  # waitress keeps a body on disk before anybody is asked who sends it
        ident=None,
        channel_timeout=60,
    )
    _greet(desk, address)
    try:
        server.run()
    finally:
        server.close()
        desk.close()


def _greet(desk: Desk, address: str) -> None:
    from webapp.accounts.links import setup_link

    with desk.session() as session:
        token = setup_link(session)
    click.echo(f"Offerpost is at {address}")
    if token:
        click.echo(f"Set it up here (the link works once): {address}/setup/{token}")
    click.echo("Stop it with Ctrl-C.")
    sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family)
    except socket.gaierror as error:
        raise DomainError(
            f"“{host}” is no address of this machine. Leave --host out, or use 0.0.0.0."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"Port {port} is taken, perhaps by another Offerpost. Stop that one or choose another with --port."
            raise DomainError(words) from error
        raise DomainError(
            f"Can't listen on {host}:{port}: {error.strerror}. Choose another with --host and --port."
        ) from error


def _address(host: str, port: int) -> str:
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
