"""The template before it is mailed: in the frame, in words beside the editor, and as a test in a colleague's mailbox."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.errors import Conflict, Invalid
from webapp.mail.states import FINAL
from webapp.mail.tokens.catalogue import CONTEXTS
from webapp.mail_templates import letters, page, queries, trying
from webapp.mail_templates.forms import TemplateForm
from webapp.mail_templates.looking import Look, in_colours
from webapp.mail_templates.queries import Template
from webapp.mail_templates.routes import RIGHT, blueprint
from webapp.mail_templates.texts import Text
from webapp.web.access import needs
from webapp.web.headers import as_mail_preview
from webapp.web.session import db, desk

POLLING_ENDS = 286


@blueprint.get("/preview")
@needs(RIGHT)
def blank() -> Response:
    return as_mail_preview(render_template("editor/no_preview.html", problems=[]))


@blueprint.post("/preview")
@needs(RIGHT)
def preview_typed() -> Response:
    """What stands in the editor now, for the frame."""
    return _framed(_typed())


@blueprint.get("/<slug>/preview")
@needs(RIGHT)
def preview(slug: str) -> Response:
    """The stored template, as an affiliate or with example values."""
    template = queries.find(db(), slug)
    return _framed(_look(template, template.text, template.context))


@blueprint.post("/check")
@needs(RIGHT)
def check() -> str:
    """What is wrong with it, and what the chosen affiliate sees of it: a part of the page."""
    return render_template("editor/_look.html", look=_typed(), part=True)


@blueprint.route("/<slug>/test", methods=["GET", "POST"])
@needs(RIGHT)
def test(slug: str) -> AnyResponse | str:
    template = queries.find(db(), slug)
    try:
        if request.method == "POST":
            return _tested(template)
    except (Invalid, Conflict) as error:
        flash(str(error), "bad")
        return redirect(url_for("mail_templates.test", slug=template.slug))
    chosen = request.args.get("affiliate", type=int)
    people = page.candidates(db(), current_user, chosen)
    users = trying.colleagues(db(), current_user)
    return render_template(
        "mail_templates/test.html", template=template, people=people, users=users, chosen=chosen
    )


@blueprint.get("/<slug>/test/<int:mail_id>")
@needs(RIGHT)
def tested(slug: str, mail_id: int) -> str | tuple[str, int]:
    """What became of the test mail; as a part of the page while it is not final."""
    template = queries.find(db(), slug)
    mail = trying.find(db(), _prefix(template), mail_id)
    tested_url = url_for("mail_templates.tested", slug=template.slug, mail_id=mail.id)
    if request.headers.get("HX-Request"):
        answer = render_template("editor/_tested.html", mail=mail, tested_url=tested_url)
        return (answer, POLLING_ENDS) if mail.state in FINAL else answer
    return render_template("mail_templates/tested.html", template=template, mail=mail, tested_url=tested_url)


def _tested(template: Template) -> AnyResponse:
    chosen = request.form.get("as", type=int)
    affiliate = next((one for one in page.candidates(db(), current_user, chosen) if one.id == chosen), None)
    draft = letters.draft_of(db(), desk().config, template)
    values = page.values_for(db(), draft, template.context, affiliate)
    trial = trying.Trial(template.name, _prefix(template), "template.tested", draft, values, template.context)
    to = request.form.get("to", current_user.id, type=int)
    mail = trying.send(db(), desk().vault, current_user._get_current_object(), trial, to)
    return redirect(url_for("mail_templates.tested", slug=template.slug, mail_id=mail.id))


def _prefix(template: Template) -> str:
    return f"test:template:{template.slug[:40]}:"


def _typed() -> Look:
    slug = request.form.get("template", "")
    template = queries.find(db(), slug) if slug else None
    form = TemplateForm.of(template)
    context = template.context if template else form.context.data or ""
    return _look(template, form.typed(), context if context in CONTEXTS else "message")


def _look(template: Template | None, text: Text, context: str) -> Look:
    kind = template.kind if template else "announcement"
    chosen = request.values.get("as", type=int)
    return page.look_at(db(), desk().config, current_user, text, kind, context, chosen)


def _framed(look: Look) -> Response:
    if look.seen is None:
        return as_mail_preview(render_template("editor/no_preview.html", problems=look.problems))
    return as_mail_preview(in_colours(look.seen.preview.html, request.values.get("colours", "")))
