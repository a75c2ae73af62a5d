"""`KEY=VALUE` on the command line. A secret never stands there: it comes from a file, the environment or a prompt."""

from collections.abc import Iterable
from pathlib import Path

import click

from transports import fields as declared
from transports.fields import Field

FILE_LIMIT = 64 * 1024
PROMPT = "-"


def pairs(arguments: Iterable[str]) -> dict[str, str]:
    """The arguments as a mapping; wrong usage for one without `=` or one that comes twice."""
    found: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals or not key:
            # Not the argument itself: somebody may have typed a password there.
            raise click.UsageError("Write every argument as NAME=VALUE, for example host=smtp.example.com.")
        if key in found:
            raise click.UsageError(f"{key} is given twice. Leave one of them out.")
        found[key] = value
    return found


def values(fields: Iterable[Field], given: dict[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """What was given with files read and prompts answered, and the secrets that are to be removed (`password=`)."""
    secret = set(declared.secrets(fields))
    removed = frozenset(name for name in secret if given.get(name) == "")
    read = {name: _value(name, text, name in secret) for name, text in given.items() if name not in removed}
    return read, removed


def _value(name: str, text: str, is_secret: bool) -> str:
    if text.startswith("@"):
        return _from_file(name, text[1:])
    if not is_secret or text.startswith("env:"):
        return text
    if text == PROMPT:
        return str(click.prompt(name, hide_input=True, default="", show_default=False))
    raise click.UsageError(
        f"{name} is a secret and would be seen in the list of processes and in the shell's history. "
        f"Give it as {name}=@FILE or {name}=env:NAME, or write {name}=- to be asked for it."
    )


def _from_file(name: str, path: str) -> str:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{name}: the file {path} can't be read: {error.strerror}.") from error
    if len(content) > FILE_LIMIT:
        raise click.UsageError(
            f"{name}: the file {path} is larger than {FILE_LIMIT // 1024} KB. Is it the right one?"
        )
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name}: the file {path} holds no text.") from error
