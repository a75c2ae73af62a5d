"""What the commands of the features share: the opened instance, JSON on standard output, kinds of arguments."""

import json
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

import click

from webapp.desk import Desk


def pass_desk(command: Callable[..., Any]) -> Callable[..., Any]:
    """Open the instance (a fresh one is prepared first) and hand it over as the first argument.

    The `offerpost` group knows how to open one: it carries that function as the context's `obj`.
    """

    @wraps(command)
    def opened(*args: Any, **kwargs: Any) -> Any:
        desk: Desk = click.get_current_context().find_root().obj()
        try:
            return command(desk, *args, **kwargs)
        finally:
            desk.close()

    return opened


class NameServer(click.ParamType[tuple[str, int]]):
    """`IP:PORT` of a DNS server."""

    name = "ip:port"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        host, _, port = str(value).rpartition(":")
        host = host.strip("[]")
        if not _is_address(host) or not port.isdecimal() or not 0 < int(port) < 65536:
            self.fail("Write the address of a DNS server and its port, such as 127.0.0.1:53.", param, context)
        return host, int(port)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
