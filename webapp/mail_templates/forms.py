"""The forms of templates and of the layout."""

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from webapp.mail.tokens import MESSAGE
from webapp.mail_templates import layout
from webapp.mail_templates.catalogue import CONTEXTS
from webapp.mail_templates.queries import Template
from webapp.mail_templates.texts import Text
from webapp.web.forms import Form, TextField


class TemplateForm(Form):
    """`seen` is the version that was opened, `name` and `context` count for a new template only."""

    name = TextField("Name")
    context = SelectField("For", choices=CONTEXTS, validate_choice=False, default=MESSAGE)
    subject = TextField("Subject")
    preheader = TextField("Preheader")
    html = TextAreaField("Text")
    text = TextAreaField("Text part")
    seen = HiddenField()

    @classmethod
    def of(cls, template: Template | None) -> "TemplateForm":
        """Filled from the template on a GET."""
        if template is None:
            return cls()
        text = template.text
        form = cls(
            data={
                "name": template.name,
                "context": template.context,
                "subject": text.subject,
                "preheader": text.preheader,
                "html": text.html,
                "text": text.text,
                "seen": str(template.version),
            }
        )
        return form

    def typed(self) -> Text:
        """As it stands in the form."""
        return Text(
            subject=self.subject.data or "",
            html=self.html.data or "",
            preheader=self.preheader.data or "",
            text=self.text.data or "",
        )

    def version_seen(self) -> int | None:
        typed = self.seen.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else None


class LayoutForm(Form):
    logo_url = TextField("Logo")
    accent = TextField("Colour of buttons and links")
    background = TextField("Background")
    footer = TextAreaField("Footer")

    def wanted(self) -> layout.Layout:
        return layout.Layout(
            logo_url=self.logo_url.data or "",
            accent=self.accent.data or "",
            background=self.background.data or "",
            footer=self.footer.data or "",
        )


class ImportForm(Form):
    file = FileField("File")
    replace = BooleanField("Also replace templates that are there")
