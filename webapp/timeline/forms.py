"""The form of a note."""

from wtforms import TextAreaField

from webapp.web.forms import Form


class NoteForm(Form):
    text = TextAreaField("Note")
