"""`offerpost check-domain`."""

from typing import Any

import click

from webapp.command import NameServer, pass_desk, print_json
from webapp.desk import Desk
from webapp.domains.checking import check
from webapp.domains.loading import subject_of
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.table import GROUPS
from webapp.domains.shapes import described


@click.command("check-domain")
@click.argument("domain")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--resolver",
    type=NameServer(),
    help="Ask only this DNS server (IP:PORT), and nothing else: checks by https and SMTP are then unknown.",
)
@pass_desk
def check_domain_command(desk: Desk, domain: str, as_json: bool, resolver: tuple[str, int] | None) -> None:
    """Check whether receivers will trust mail from a domain, and print the records to paste.

    Knows the default mail server, the bounce and tracking addresses and the DKIM keys of this instance. Verdicts: pass, warn,
    fail, unknown (nobody could say) and n/a. Takes at most ten seconds and 200 questions to the DNS.
    """
    with desk.reading() as session:
        subject = subject_of(desk, session, domain)
    found = check(subject, Resolver(resolver or desk.config.resolver), None if resolver else desk.net)
    results = [described(one) for one in found]
    if as_json:
        print_json({"domain": subject.domain, "results": results})
        return
    groups = {one.rule.id: one.rule.group for one in found}
    for group in GROUPS:
        click.echo(group)
        for each in results:
            if groups[each["id"]] == group:
                _print(each)


def _print(each: dict[str, Any]) -> None:
    click.echo(f"  {each['id']}  {each['verdict']:<8} {each['title']}: {each['words']}")
    if each["verdict"] in ("warn", "fail", "unknown"):
        for line in each["remedy"].splitlines():
            click.echo(f"                {line}")
