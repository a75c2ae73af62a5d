"""The form of a mail server, drawn from the fields that its transport declares."""

from typing import Any, cast

from flask import request
from wtforms import BooleanField, Field, PasswordField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from transports import fields as declared
from transports.contract import Transport
from transports.fields import Choice, Integer, Secret, Text, Toggle
from webapp.errors import Invalid
from webapp.settings.limits import LIMITS
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.opening import is_reference
from webapp.settings.settle import Typed
from webapp.web.forms import Form, TextField

SEGMENTS = 4  # as many options stand side by side; more become a list


class ServerForm(Form):
    """The fields of one transport and the limits that every server has. Names in the page begin with the kind."""

    class Meta:
        csrf = False  # the page's own form carries the token

    transport: type[Transport]
    server: MailServer | None = None

    def control(self, name: str) -> Field:
        """The WTForms field of a declared one."""
        return cast(Field, self[f"f_{name}"])

    def remove_box(self, name: str) -> Field:
        return cast(Field, self[f"remove_{name}"])

    def secret(self, name: str) -> MailServerSecret | None:
        """The stored secret of a field: when it was set and by whom. Its text is not here."""
        stored = self.server.secrets if self.server is not None else []
        return next((one for one in stored if one.field == name), None)

    def reference(self, name: str) -> str:
        """The variable to which the operator's command line tied this field, if it did."""
        value = self.server.values.get(name) if self.server is not None else None
        return str(value).removeprefix("env:") if is_reference(value) else ""

    @property
    def wrong(self) -> list[str]:
        """Names of the declared fields that were refused."""
        return [field.name for field in (*self.transport.fields, *LIMITS) if self.control(field.name).errors]

    @property
    def typed_secret(self) -> str:
        """Labels of the secrets that were just typed; they are not sent back, so the page says so."""
        secret = (field for field in self.transport.fields if isinstance(field, Secret))
        return " and ".join(field.label.lower() for field in secret if self.control(field.name).data)

    def typed(self) -> Typed:
        """What was typed into this form. A field that is tied to the environment is not drawn, so it is not typed."""
        raw = {field.name: self._raw(field) for field in (*self.transport.fields, *LIMITS)}
        removed = (
            name for name in declared.secrets(self.transport.fields) if bool(self.remove_box(name).data)
        )
        return Typed(
            self.transport.kind,
            {name: text for name, text in raw.items() if text is not None},
            remove=frozenset(removed),
        )

    def refuse(self, error: Invalid) -> None:
        known = {field.name for field in (*self.transport.fields, *LIMITS)}
        super().refuse(
            Invalid({f"f_{n}" if n in known else n: reason for n, reason in error.problems.items()})
        )

    def _raw(self, field: declared.Field) -> str | None:
        name = self.control(field.name).name
        if self.reference(field.name) and name not in request.form:
            return None
        if isinstance(field, Toggle):
            return "true" if name in request.form else ""
        return request.form.get(name)


def server_form(transport: type[Transport], server: MailServer | None) -> ServerForm:
    """The form with stored values, or with what is being sent. Secrets are never among them."""
    form = _class_of(transport)(prefix=f"{transport.kind}-", data=_shown(transport, server))
    form.transport, form.server = transport, server
    return form


def _class_of(transport: type[Transport]) -> type[ServerForm]:
    made: dict[str, Any] = {"server_name": TextField("Name of this server")}
    for field in (*transport.fields, *LIMITS):
        made[f"f_{field.name}"] = drawn(field)
        if isinstance(field, Secret):
            label = f"Remove the saved {field.label.lower()}"
            made[f"remove_{field.name}"] = BooleanField(label, name=f"{field.name}-remove")
    return type("DeclaredForm", (ServerForm,), made)


def _shown(transport: type[Transport], server: MailServer | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in (*transport.fields, *LIMITS):
        if isinstance(field, Secret):
            continue
        value = field.default
        if server is not None:
            stored = server.values.get(field.name, value)
            value = getattr(server, field.name) if field in LIMITS else stored
        values[f"f_{field.name}"] = bool(value) if isinstance(field, Toggle) else declared.as_text(value)
    if server is not None:
        values["server_name"] = server.name
    return values


def drawn(field: declared.Field) -> Any:
    """The control of a declared field."""
    more: dict[str, Any] = {"name": field.name, "description": field.help}
    match field:
        case Text(multiline=True):
            return TextAreaField(field.label, render_kw={"rows": 4, "spellcheck": "false"}, **more)
        case Text():
            hints = {"placeholder": field.placeholder} if field.placeholder else {}
            return TextField(
                field.label, render_kw={"autocomplete": "off", "spellcheck": "false", **hints}, **more
            )
        case Secret():
            return PasswordField(field.label, render_kw={"autocomplete": "new-password"}, **more)
        case Integer():
            return TextField(field.label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **more)
        case Toggle():
            return BooleanField(field.label, **more)
        case Choice() if len(field.options) <= SEGMENTS:
            return RadioField(field.label, choices=_choices(field), validate_choice=False, **more)
        case Choice():
            return SelectField(field.label, choices=_choices(field), validate_choice=False, **more)
    raise TypeError(f"{field!r} is not a Text, Secret, Integer, Choice or Toggle")


def _choices(field: Choice) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in field.options]
