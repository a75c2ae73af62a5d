"""`offerpost check-mail`."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.broadcasts import mail_check
from webapp.broadcasts.models import Broadcast
from webapp.command import pass_desk, print_json
from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.mail.check import Checked, Circumstances, Mail
from webapp.mail_templates import queries
from webapp.mailcheck import outside, templates
from webapp.mailcheck.printing import Printed
from webapp.mailcheck.report import Report, described, judged
from webapp.mailcheck.samples import Sample, pick
from webapp.settings import store
from webapp.verdict import Verdict

LIST_FIELDS = ("List-Unsubscribe", "List-Id")


@click.command("check-mail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--message", type=int, metavar="ID", help="A message, as three of those who would get it.")
@click.option("--template", metavar="NAME", help="A template, as three affiliates.")
@click.option(
    "--outside",
    "asks",
    is_flag=True,
    help="Also ask the web server, the DNS and spam filters; takes seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
@pass_desk
def check_mail_command(
    desk: Desk,
    here: click.Context,
    /,
    file: Path | None,
    message: int | None,
    template: str | None,
    asks: bool,
    as_json: bool,
) -> None:
    """Check a finished mail before it is sent: a file, or the mails of a message or template. Exit status 1 if a rule fails.

    Rules M01 to M20, each with a verdict (pass, warn, fail, unknown, n/a), the evidence and what to do. Nothing is sent; a
    mail leaves the machine only towards an rspamd that was named in the settings.
    """
    if [file, message, template].count(None) != 2:
        raise click.UsageError("Name a FILE, or a --message, or a --template.")
    with desk.reading() as session:
        report = _report(desk, session, file, message, template)
        rspamd_url = store.get(session, "rspamd_url")
    others = _others(desk, report, rspamd_url, ours=file is None) if asks else []
    found = [*report.checks, *others]
    if as_json:
        names = [one.sample.name for one in report.mails]
        print_json({"mails": names, "results": [described(one) for one in found]})
    else:
        for one in found:
            _print(one)
    here.exit(1 if any(one.finding.verdict is Verdict.FAIL for one in found) else 0)


def _others(desk: Desk, report: Report, rspamd_url: str, *, ours: bool) -> list[Checked]:
    mails = [one.raw for one in report.mails]
    return outside.ask(desk.net, mails, resolver=desk.config.resolver, rspamd_url=rspamd_url, ours=ours)


def _report(
    desk: Desk, session: Session, file: Path | None, message: int | None, template: str | None
) -> Report:
    if file is not None:
        return _of_file(file)
    if template is not None:
        return templates.check(
            desk, session, queries.find(session, template), pick(session, select(Affiliate.id))
        )
    broadcast = session.get(Broadcast, message)
    if broadcast is None:
        raise NotFound(f"There is no message {message}.")
    return mail_check.check(desk, session, broadcast, skipping=True)


def _of_file(file: Path) -> Report:
    """A mail that lies in a file is judged as of its own date."""
    mail = Mail(file.read_bytes())
    announces = any(mail.first(name) for name in LIST_FIELDS)
    return judged([Printed(Sample(file.name, None), mail.raw, Circumstances(announces, _dated(mail)))])


def _dated(mail: Mail) -> datetime:
    field = mail.first("Date")
    try:
        said = parsedate_to_datetime(field.raw[:100]) if field else datetime.now(UTC)
    except (ValueError, TypeError, IndexError):
        said = datetime.now(UTC)
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _print(one: Checked) -> None:
    finding = one.finding
    click.echo(f"{one.rule.id}  {finding.verdict.value:<8} {one.rule.title}: {finding.words}")
    if finding.verdict in (Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN):
        for line in (finding.remedy, *map(str, finding.evidence)):
            if line:
                click.echo(f"              {line}")
