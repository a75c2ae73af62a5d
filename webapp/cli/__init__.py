"""The `offerpost` command. Each feature brings its own `commands.py`; it is loaded only when one of its commands runs."""

from importlib import import_module

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from webapp.config import Config
from webapp.desk import Desk
from webapp.errors import DomainError

# command → the module that holds it, as an attribute named like the command with "_" for "-" and "_command" behind
COMMANDS = {
    "serve": "webapp.cli.serve",
    "worker": "webapp.cli.worker",
    "user": "webapp.accounts.commands",
    "settings": "webapp.settings.commands",
    "server": "webapp.settings.server_commands",
    "test-mail": "webapp.settings.trial_commands",
    "affiliates": "webapp.affiliates.commands",
    "offers": "webapp.offers.commands",
    "assignments": "webapp.offers.commands",
    "broadcast": "webapp.broadcasts.commands",
    "template": "webapp.mail_templates.commands",
    "suppression": "webapp.feedback.commands",
    "bounce": "webapp.feedback.bounce_commands",
    "transports": "webapp.settings.trial_commands",
    "check-domain": "webapp.domains.commands",
    "loop-test": "webapp.domains.loop.commands",
    "check-mail": "webapp.broadcasts.check_commands",
    "dkim": "webapp.cli.dkim",
    "key": "webapp.cli.keys",
    "backup": "webapp.cli.backup",
    "restore": "webapp.cli.restore",
    "doctor": "webapp.cli.doctor",
    "demo": "webapp.cli.demo",
}


class Refused(click.ClickException):
    """A refusal with a sentence on stderr: exit status 1. (Wrong usage is Click's own: 2.)"""

    exit_code = 1


class LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[name]), name.replace("-", "_") + "_command")
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except DomainError as error:
            raise Refused(str(error)) from error
        except DBAPIError as error:
            first = str(error.orig).strip().partition("\n")[0]
            words = f"The database can't be used: {first}. Check OFFERPOST_DATABASE_URL, and whether it is running and whole."
            raise Refused(words) from error
        except ArgumentError as error:
            raise Refused(f"OFFERPOST_DATABASE_URL: {error}. Use sqlite:///… or postgresql://…") from error
        except BrokenPipeError:  # whoever read the output has seen enough of it; Click ends in silence
            raise
        except OSError as error:
            where = error.filename or "A file or a connection"
            raise Refused(
                f"{where}: {error.strerror or error}. Check the path and who may write there."
            ) from error


def _opened() -> Desk:
    from webapp.wiring import open_desk

    return open_desk(Config.from_environment())


@click.group(cls=LazyGroup, context_settings={"obj": _opened})
def main() -> None:
    """The mail desk of a small affiliate network."""
