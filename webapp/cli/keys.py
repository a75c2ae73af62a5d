"""`offerpost key rotate`: a new key in front of the old ones, and every stored secret sealed anew with it."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import vault
from webapp.accounts import second_factor
from webapp.affiliates import tax_forms
from webapp.announcing import held
from webapp.command import pass_desk
from webapp.desk import Desk
from webapp.feedback.mailbox import settings as mailbox
from webapp.mail.models import OutboxMail
from webapp.mail.signing import keys as signing_keys
from webapp.settings import renewing
from webapp.settings.models import MailServerSecret, RenewedSecret
from webapp.webhooks import hooks


@click.group("key")
def key_command() -> None:
    """The key file that opens the stored secrets."""


@key_command.command("rotate")
@pass_desk
def rotate(desk: Desk) -> None:
    """Make a new key and seal every secret anew. Old links and signatures go on working."""
    vault.rotate(desk.config.key_file)
    fresh = vault.Vault.open(desk.config.key_file, create=False)
    with desk.session() as session:
        count = _seal_again(session, fresh)
    click.echo(f"A new key is in place; {count} stored secrets were sealed anew.")
    click.echo(f"Save {desk.config.key_file.name} again: backups never contain it.")


def _seal_again(session: Session, fresh: vault.Vault) -> int:
    secrets = session.scalars(select(MailServerSecret)).all()
    for secret in secrets:
        row = f"mail_server:{secret.server_id}:{secret.field}"
        secret.sealed = fresh.encrypt(fresh.decrypt(secret.sealed, row=row), row=row)
    waiting = session.scalars(select(OutboxMail).where(OutboxMail.values.is_not(None))).all()
    for mail in waiting:
        row = f"outbox:{mail.key}"
        mail.values = fresh.encrypt(fresh.decrypt(mail.values or "", row=row), row=row)
    renewed = session.scalars(select(RenewedSecret).where(RenewedSecret.sealed != "")).all()
    for one in renewed:
        row = renewing.row_name(one.first)
        one.sealed = fresh.encrypt(fresh.decrypt(one.sealed, row=row), row=row)
    return (
        len(secrets)
        + len(waiting)
        + len(renewed)
        + tax_forms.seal_again(session, fresh)
        + signing_keys.seal_again(session, fresh)
        + mailbox.sealed_again(fresh, session)
        + second_factor.seal_again(session, fresh)
        + hooks.seal_again(session, fresh)
        + held.seal_again(session, fresh)
    )
