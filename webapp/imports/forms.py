"""The forms of an import."""

from collections.abc import Iterable, Mapping

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from webapp.web.forms import Form, choices


class UploadForm(Form):
    file = FileField("File", [FileRequired("Choose the file with your list.")])


def columns_form(header: Iterable[str], fields: Mapping[str, str]) -> type[Form]:
    """A form with one choice per field: which column of the file it is."""
    columns = [("", "Not in the file")]
    columns += [(str(number), cell or f"Column {number + 1}") for number, cell in enumerate(header)]
    made = {
        name: SelectField(label, choices=choices(columns), validate_choice=False)
        for name, label in fields.items()
    }
    return type("ColumnsForm", (Form,), made)
