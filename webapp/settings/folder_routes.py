"""The mail folder: what was written instead of being sent, to be read like mail."""

from flask import Response, render_template, request, send_file

from webapp.settings import folder
from webapp.settings.routes import blueprint
from webapp.web.access import needs
from webapp.web.headers import as_mail_preview
from webapp.web.pages import SIZE, Page, asked_page
from webapp.web.session import desk, release

# Not for everybody who may view the delivery log: the folder also holds the links for new passwords of administrators.
RIGHTS = ("manage_email_settings",)
HERE = "/mail-folder/<folder_name>/<name>"


@blueprint.get("/mail-folder")
@needs(*RIGHTS)
def mail_folder() -> str:
    root, words, number = desk().config.mail_folder, request.args.get("q", "").strip()[:200], asked_page()
    release()
    found = folder.search(root, words) if words else folder.newest(root)
    total = len(found) if words else folder.total(root)
    number = max(1, min(number, (len(found) + SIZE - 1) // SIZE))
    page = Page(found[(number - 1) * SIZE : number * SIZE], number, len(found))
    return render_template(
        "settings/mail_folder.html", page=page, q=words, total=total, most=folder.MOST_SEARCHED
    )


@blueprint.get(HERE)
@needs(*RIGHTS)
def folder_mail(folder_name: str, name: str) -> str:
    entry = folder.find(desk().config.mail_folder, folder_name, name)
    return render_template("settings/folder_mail.html", entry=entry, mail=folder.read(entry))


@blueprint.get(f"{HERE}/html")
@needs(*RIGHTS)
def folder_mail_html(folder_name: str, name: str) -> Response:
    return as_mail_preview(folder.read(folder.find(desk().config.mail_folder, folder_name, name)).html)


@blueprint.get(f"{HERE}/raw")
@needs(*RIGHTS)
def folder_mail_raw(folder_name: str, name: str) -> Response:
    entry = folder.find(desk().config.mail_folder, folder_name, name)
    return send_file(entry.path, mimetype="message/rfc822", as_attachment=True, download_name=entry.name)
