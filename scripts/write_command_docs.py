"""Writes docs/commands.md from the commands themselves. A house test compares the two."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
sys.path.insert(0, str(ROOT))

HEAD = """# The commands

Made from the commands themselves by `python scripts/write_command_docs.py`.

Each prepares a fresh instance by itself. Exit status: 0 done, 1 refused with a sentence on standard error, 2 wrong usage.
The instance lies in `instance/`, or in the folder that `OFFERPOST_HOME` names. No secret is typed on the command line: write
`FIELD=@file`, `FIELD=env:NAME`, or leave it out and be asked.
"""


def document() -> str:
    """The whole page."""
    from webapp.cli import main

    context = click.Context(main, info_name="offerpost")
    return HEAD + "".join(
        section for name in main.list_commands(context) for section in _sections(main, context, name)
    )


def _sections(group: click.Group, context: click.Context, name: str) -> Iterator[str]:
    command = group.get_command(context, name)
    assert command is not None, name
    inner = click.Context(command, info_name=name, parent=context)
    if isinstance(command, click.Group):
        yield f"\n## {inner.command_path}\n\n{_words(command)}\n"
        for below in command.list_commands(inner):
            yield from _sections(command, inner, below)
    else:
        yield _command(command, inner)


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    level = "##" if context.parent and context.parent.parent is None else "###"
    options = [option for option in command.params if isinstance(option, click.Option)]
    lines = [f"\n{level} {context.command_path}\n", f"```\n{usage}\n```\n", _words(command) + "\n"]
    if options:
        lines += ["| option | what it does |", "|---|---|"]
        lines += [_row(option, context) for option in options]
        lines.append("")
    return "\n".join(lines)


def _row(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    names, words = record if record else ("/".join(option.opts), "")
    return f"| `{names}` | {' '.join(words.split())} |".replace("|", "|")


def _words(command: click.Command) -> str:
    return "\n".join(line.strip() for line in (command.help or "").replace("\b\n", "").strip().splitlines())


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
