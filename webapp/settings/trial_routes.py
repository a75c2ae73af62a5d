"""What became of a test mail."""

from flask import render_template

from webapp.errors import NotFound
from webapp.settings import trial
from webapp.settings.cards import is_part
from webapp.settings.routes import blueprint
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.get("/account/email-settings/test-mails/<int:mail_id>")
@needs("manage_email_settings")
def test_mail(mail_id: int) -> str:
    mail = trial.find(db(), mail_id)
    if mail is None:
        raise NotFound("There is no such test mail. It may have been cleared away.")
    template = "settings/part_outcome.html" if is_part() else "settings/test_mail.html"
    return render_template(template, mail=mail, words=trial.words(db(), mail))
