"""`offerpost user`: users without the pages, for the operator of the machine."""

from typing import Any

import click

from webapp.accounts import links, queries, rights, second_factor, users
from webapp.accounts.audit import COMMAND_LINE, record
from webapp.accounts.models import User
from webapp.accounts.recovery import address
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid, NotFound

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("user")
def user_command() -> None:
    """Users: add, list, disable, links to set a password, and lost second factors."""


def _checked(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(rights.known(value))
    except Invalid as error:
        raise click.BadParameter(error.problems["rights"]) from error


@user_command.command("add")
@click.argument("email")
@click.option("--name", default="", help="First and last name.")
@click.option(
    "--right", "chosen", multiple=True, callback=_checked, help="A right, such as send_to_all; repeatable."
)
@click.option("--admin", is_flag=True, help="Every right.")
@as_json
@pass_desk
def add_command(
    desk: Desk, email: str, name: str, chosen: tuple[str, ...], admin: bool, as_json: bool
) -> None:
    """Add a user and print a link to set a password. The link works once, for seven days."""
    first, _, last = name.strip().partition(" ")
    preset = rights.PRESETS["administrator" if admin else "other"]
    profile = users.Profile(
        email=email,
        first_name=first,
        last_name=last.strip(),
        preset=preset.slug,
        rights=tuple({*preset.rights, *chosen}),
    )
    with desk.session() as session:
        user = users.add(session, COMMAND_LINE, profile)
        url = address(session, desk, links.make(session, links.INVITATION, user))
    _print_link(user, url, as_json)


@user_command.command("link")
@click.argument("email")
@as_json
@pass_desk
def link_command(desk: Desk, email: str, as_json: bool) -> None:
    """Print a fresh link to set a password, for somebody who lost the old one or the password."""
    with desk.session() as session:
        user = _user(session, email)
        if user.disabled_at:
            raise Conflict(
                f"{user.email} is disabled. Let the user in again with: offerpost user enable {user.email}"
            )
        url = address(session, desk, links.make(session, links.INVITATION, user))
        record(session, COMMAND_LINE, "invited", user.email, mailed=False)
    _print_link(user, url, as_json)


@user_command.command("list")
@as_json
@pass_desk
def list_command(desk: Desk, as_json: bool) -> None:
    """List all users with state and rights."""
    with desk.session() as session:
        found = [_as_dict(user) for user in session.scalars(queries.listing())]
    if as_json:
        print_json(found)
    elif not found:
        click.echo("No users yet. Add one with: offerpost user add you@example.com --admin")
    for each in [] if as_json else found:
        click.echo(
            f"{each['email']}  {each['state']}  {each['preset']}  {', '.join(each['rights']) or 'no rights'}"
        )


@user_command.command("disable")
@click.argument("email")
@pass_desk
def disable_command(desk: Desk, email: str) -> None:
    """End a user's sessions and links, and let nobody sign in as that user."""
    with desk.session() as session:
        user = _user(session, email)
        users.disable(session, COMMAND_LINE, user)
    click.echo(f"{user.email} is disabled.")


@user_command.command("enable")
@click.argument("email")
@pass_desk
def enable_command(desk: Desk, email: str) -> None:
    """Let a disabled user sign in again."""
    with desk.session() as session:
        user = _user(session, email)
        users.enable(session, COMMAND_LINE, user)
    click.echo(f"{user.email} may sign in again.")


@user_command.command("reset-second-factor")
@click.argument("email")
@pass_desk
def reset_second_factor_command(desk: Desk, email: str) -> None:
    """Remove a user's second factor and recovery codes, for somebody who lost both, and end his sessions."""
    with desk.session() as session:
        user = _user(session, email)
        if not second_factor.remove(session, COMMAND_LINE, user):
            raise Conflict(f"{user.email} has no second factor.")
    click.echo(f"{user.email} signs in with the password alone, until a new second factor is set up.")


def _user(session: Any, email: str) -> User:
    user = users.by_email(session, email)
    if user is None:
        raise NotFound(f"There is no user {email}. See who there is with: offerpost user list")
    return user


def _as_dict(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "state": user.state,
        "preset": user.preset,
        "rights": user.rights,
        "last_seen_at": user.last_seen_at.isoformat() if user.last_seen_at else None,
    }


def _print_link(user: User, url: str, as_json: bool) -> None:
    if as_json:
        print_json({**_as_dict(user), "link": url})
    else:
        click.echo(f"{user.email} sets a password here; the link works once, for seven days:\n{url}")
