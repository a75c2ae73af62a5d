"""`offerpost template`: templates without a browser. HTML goes in and comes out byte for byte."""

import sys
from pathlib import Path

import click
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.affiliates.models import Affiliate
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.mail.tokens import Problem
from webapp.mail.tokens.catalogue import CONTEXTS
from webapp.mail_templates import exchange, letters, page, queries
from webapp.mail_templates.looking import seen_with
from webapp.mail_templates.texts import Text, problems_of

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("template")
def template_command() -> None:
    """What the mails of the network say."""


@template_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def list_(desk: Desk, as_json: bool) -> None:
    """Show all templates: those that are sent by themselves, and your own."""
    with desk.reading() as session:
        found = queries.templates(session)
    if as_json:
        print_json([_row(one) for one in found])
        return
    for one in found:
        state = "custom" if one.system is None else "on" if one.enabled else "off"
        click.echo(f"{one.slug:28} {state:7} {'changed' if one.changed else '':8} {one.name}")


@template_command.command("import")
@click.argument("file", type=FILE)
@click.option("--name", default="", help="How the template is called; without it, as the file.")
@click.option(
    "--subject", default="", help="The subject; without it, the stored one or the title of the file."
)
@click.option("--preheader", default="", help="The hidden first line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_desk
def import_(desk: Desk, file: Path, name: str, subject: str, preheader: str, as_json: bool) -> None:
    """Bring in one template as HTML, or many as JSON. The name of a system template replaces its text."""
    entries = exchange.read(file.name, file.read_bytes())
    if name or subject or preheader:
        if len(entries) != 1:
            raise click.UsageError("--name, --subject and --preheader are for a single template.")
        (one,) = entries
        text = Text(
            subject or one.text.subject, one.text.html, preheader or one.text.preheader, one.text.text
        )
        entries = [exchange.Entry(name or one.name, text, one.context, one.enabled)]
    with desk.session() as session:
        brought = exchange.bring_in(session, audit.COMMAND_LINE, entries)
        audit.record(session, audit.COMMAND_LINE, "template.imported", file.name)
    if as_json:
        print_json({"made": brought.made, "changed": brought.changed, "same": brought.same})
    else:
        click.echo(f"Imported: {brought.words}.")


@template_command.command("export")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="All templates, as JSON or into a folder.")
@click.option("--to", type=click.Path(path_type=Path), help="A file, or with --all a folder for HTML files.")
@click.option("--json", "as_json", is_flag=True, help="JSON with subject, preheader and text part.")
@pass_desk
def export(desk: Desk, name: str | None, everything: bool, to: Path | None, as_json: bool) -> None:
    """Write a template as the HTML that it is, or all of them."""
    if everything == bool(name):
        raise click.UsageError("Name a template, or say --all.")
    with desk.reading() as session:
        found = queries.templates(session) if everything else [queries.find(session, str(name))]
    as_json = as_json or (everything and (to is None or to.suffix == ".json"))
    if everything and not as_json and to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for one in found:
            (to / f"{one.slug}.html").write_bytes(one.text.html.encode())
        click.echo(f"{len(found)} templates are in {to}.")
        return
    content = (exchange.as_json(found) if as_json else found[0].text.html).encode()
    if to is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        to.write_bytes(content)


@template_command.command("lint")
@click.argument("file", type=FILE)
@click.option(
    "--context",
    type=click.Choice(sorted(CONTEXTS)),
    help="The kind of mail it is for. Without it every token of the catalogue counts as available.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def lint(here: click.Context, /, file: Path, context: str | None, as_json: bool) -> None:
    """Say what keeps a file from being mailed: unknown, misplaced and broken tokens. Exit status 1 if anything does."""
    problems = [
        problem
        for entry in exchange.read(file.name, file.read_bytes())
        for problem in _problems(entry, context or "")
    ]
    if as_json:
        keys = ("line", "token", "reason", "suggestion")
        print_json({"problems": [{key: getattr(one, key) for key in keys} for one in problems]})
    else:
        for problem in problems:
            click.echo(problem.sentence)
        click.echo(f"{len(problems)} to solve." if problems else "Nothing is wrong with it.")
    here.exit(1 if problems else 0)


@template_command.command("render")
@click.argument("name")
@click.option("--affiliate", "number", required=True, help="The number of the affiliate.")
@click.option("--text", "as_text", is_flag=True, help="The text part instead of the HTML.")
@click.option("--json", "as_json", is_flag=True, help="Subject, HTML, text, and which values are missing.")
@pass_desk
def render(desk: Desk, name: str, number: str, as_text: bool, as_json: bool) -> None:
    """Print a template as an affiliate would get it. What an event or an offer would bring is an example value."""
    with desk.reading() as session:
        template = queries.find(session, name)
        affiliate = _affiliate(session, number)
        draft = letters.draft_of(session, desk.config, template)
        seen = seen_with(
            draft, page.values_for(session, draft, template.context, affiliate), template.context
        )
    if as_json:
        shown = {"subject": seen.preview.subject, "html": seen.preview.html, "text": seen.preview.text}
        print_json({**shown, "missing": list(seen.missing)})
    else:
        click.echo(seen.preview.text if as_text else seen.preview.html, nl=False)


def _row(template: queries.Template) -> dict[str, object]:
    return {
        "slug": template.slug,
        "name": template.name,
        "system": template.system is not None,
        "context": template.context,
        "enabled": template.enabled,
        "changed": template.changed,
        "subject": template.text.subject,
    }


def _problems(entry: exchange.Entry, context: str) -> list[Problem]:
    """Without a context those only that a text has in every kind of mail."""
    subject = entry.text.subject or "A file has no subject"
    text = Text(subject, entry.text.html, entry.text.preheader, entry.text.text)
    if context or entry.context in CONTEXTS:
        return problems_of(text, context or entry.context)
    first, *others = (problems_of(text, one) for one in sorted(CONTEXTS))
    places = [{(one.field, one.line, one.token) for one in found} for found in others]
    return [one for one in first if all((one.field, one.line, one.token) in each for each in places)]


def _affiliate(session: Session, number: str) -> Affiliate:
    wanted = [Affiliate.affiliate_id == number]
    if number.isdigit() and len(number) < 10:
        wanted.append(Affiliate.id == int(number))
    found = list(session.scalars(select(Affiliate).where(or_(*wanted))))
    if not found:
        raise NotFound(f"There is no affiliate with the number {number}.")
    return next((one for one in found if one.affiliate_id == number), found[0])
