"""From stored values to the settings with which a transport is made: secrets opened, references followed."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from transports.contract import Settings, Transport
from transports.errors import SettingsError
from transports.fields import Field, Value
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.settings.models import MailServer
from webapp.vault import VaultError

REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
RELAY = "relay"


def row_name(server_id: int, field: str) -> str:
    """The place to which a sealed secret is bound."""
    return f"mail_server:{server_id}:{field}"


def is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("env:")


def opened_secrets(desk: Desk, server: MailServer, names: Iterable[str] | None = None) -> dict[str, str]:
    """The stored secrets of a server in clear, or only those named. Never printed, never stored."""
    wanted = None if names is None else frozenset(names)
    found: dict[str, str] = {}
    for secret in server.secrets:
        if wanted is not None and secret.field not in wanted:
            continue
        try:
            found[secret.field] = desk.vault.decrypt(secret.sealed, row=row_name(server.id, secret.field))
        except VaultError as error:
            hint = "Type it again under Email settings, or put the right key file back."
            raise SettingsError(
                f"The saved {secret.field} of {server.name} can't be opened.", hint=hint
            ) from error
    return found


def settings_of(desk: Desk, server: MailServer) -> Settings:
    """Everything that the transport of a stored server needs; raises `SettingsError` if a part can't be had."""
    return complete(desk, server.kind, {**server.values, **opened_secrets(desk, server)})


def complete(desk: Desk, kind: str, values: Mapping[str, Any]) -> Settings:
    """Values with a key for each declared field, references followed, and what the operator adds."""
    fields = {field.name: field for field in _fields(desk, kind)}
    settings: dict[str, Any] = {name: _default(field) for name, field in fields.items()}
    for name, value in values.items():
        settings[name] = _followed(fields.get(name), value) if is_reference(value) else value
    if kind == RELAY:
        settings["url"] = desk.config.relay_url
    return settings


def transport_class(desk: Desk, kind: str) -> type[Transport]:
    """The class of that kind, or `Invalid` with what can be chosen."""
    found = next((one for one in desk.registry.kinds() if one.kind == kind), None)
    if found is None:
        known = ", ".join(one.kind for one in desk.registry.kinds())
        raise Invalid({"kind": f"There is no way of sending called “{kind[:40]}”. Choose one of: {known}."})
    return found


def _fields(desk: Desk, kind: str) -> tuple[Field, ...]:
    return next((one.fields for one in desk.registry.kinds() if one.kind == kind), ())


def _default(field: Field) -> Value:
    return field.empty if field.default is None else field.default


def _followed(field: Field | None, reference: str) -> Value:
    name = reference.removeprefix("env:")
    text = os.environ.get(name)
    if text is None:
        hint = "Set it where Offerpost is started, then start it again."
        raise SettingsError(f"The environment variable {name} is not set.", hint=hint)
    if field is None:
        return text
    try:
        return field.parse(text)
    except Exception:  # the text itself may be a secret: nothing of it goes into the message
        hint = "Correct it where Offerpost is started, then start it again."
        raise SettingsError(
            f"The environment variable {name} holds no usable {field.label}.", hint=hint
        ) from None
