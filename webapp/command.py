"""What the commands of the features share: the opened instance, and JSON on standard output."""

import json
from collections.abc import Callable
from functools import wraps
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


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
