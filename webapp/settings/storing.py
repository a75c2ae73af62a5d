"""What every page with a few settings on it does with what was typed."""

from collections.abc import Iterable

from webapp.errors import Invalid
from webapp.settings import store
from webapp.web.forms import Form
from webapp.web.session import db


def stored(form: Form, keys: Iterable[str]) -> dict[str, str] | None:
    """Store the settings of these keys, if the form was posted: what was typed. None when it was not, or was refused; then
    the form says why beside each field."""
    if not form.submitted():
        return None
    typed = {key: form[key].data or "" for key in keys}
    try:
        store.put(db(), typed)
    except Invalid as error:
        form.refuse(error)
        return None
    return typed
