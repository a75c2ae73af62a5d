"""What commands share: the opened instance, and JSON on stdout."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from webapp.config import Config
from webapp.wiring import open_desk


def pass_desk(command: Callable[..., Any]) -> Callable[..., Any]:
    """Open the instance (a fresh one is prepared first) and hand it over as the first argument."""

    @wraps(command)
    def opened(*args: Any, **kwargs: Any) -> Any:
        desk = open_desk(Config.from_environment())
        try:
            return command(desk, *args, **kwargs)
        finally:
            desk.close()

    return opened


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
