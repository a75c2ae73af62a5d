"""The one place that decides what typed values mean for a mail server: for Save, for Test and for the command line.

A saved secret goes on only as long as nothing changes of where it goes. Whoever may edit the settings could otherwise
point the host at a machine of his own and be sent the password.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transports import fields as declared
from transports.contract import Transport
from transports.errors import SettingsError
from transports.fields import Field, FieldProblem, Secret, Value
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.settings import limits
from webapp.settings.models import MailServer
from webapp.settings.opening import REFERENCE, complete, is_reference, opened_secrets, transport_class


@dataclass(frozen=True)
class Typed:
    """What a form or a command said. Only an `operator` (command line) may refer to the environment.

    `partial` says that fields which are not there keep their stored value, as on the command line.
    """

    kind: str
    raw: Mapping[str, str] = field(repr=False)
    remove: frozenset[str] = frozenset()
    operator: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Settled:
    """Checked values, ready to be stored or tried: `secrets` were typed now, `kept` are the stored ones that go on."""

    kind: str
    values: dict[str, Any]
    limits: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)
    kept: frozenset[str]

    def is_stored(self, server: MailServer | None) -> bool:
        """Whether this is exactly what the server has: then it can be tried as it is."""
        return (
            server is not None
            and not self.secrets
            and self.values == server.values
            and self.kept == {secret.field for secret in server.secrets}
            and all(value == getattr(server, name) for name, value in self.limits.items())
        )


def settle(desk: Desk, server: MailServer | None, typed: Typed) -> Settled:
    """Raise `Invalid` with a sentence a field, or say what the server would be. Stores nothing."""
    transport = transport_class(desk, typed.kind)
    kind_fields = transport.fields
    raw, problems = _admitted(kind_fields, server, typed)
    own = {name: text for name, text in raw.items() if name not in limits.NAMES}
    stored = _stored_secrets(kind_fields, server)
    values, found = declared.clean(kind_fields, own, stored_secrets=stored - typed.remove, operator=True)
    bounds, wrong = declared.clean(limits.LIMITS, {n: t for n, t in raw.items() if n in limits.NAMES})
    problems += found + wrong + ([] if wrong else limits.problems(bounds))
    _raise(problems)
    settled = _sorted_out(kind_fields, server, typed, values, bounds)
    _raise(_across(desk, transport, server, settled))
    return settled


def settings_to_try(desk: Desk, server: MailServer | None, settled: Settled) -> Mapping[str, Any]:
    """The settings with which a transport can be made of unsaved values."""
    kept = opened_secrets(desk, server, settled.kept) if server is not None else {}
    return complete(desk, settled.kind, {**settled.values, **kept, **settled.secrets})


def _admitted(
    kind_fields: tuple[Field, ...], server: MailServer | None, typed: Typed
) -> tuple[dict[str, str], list[FieldProblem]]:
    """The raw texts that count, and the complaints about references that only the operator may make."""
    labels = {one.name: one.label for one in (*kind_fields, *limits.LIMITS)}
    raw = {name: text for name, text in typed.raw.items() if name not in typed.remove}
    problems = []
    for name, text in list(raw.items()):
        reference = text.strip().lower().startswith(("env:", "@"))
        if reference and not typed.operator:
            words = "may not begin with “env:” or “@”. Only the operator can refer to the environment, by command line."
            problems.append(FieldProblem(name, f"{labels.get(name, name)} {words}"))
            del raw[name]
        elif reference and text.startswith("env:") and not REFERENCE.fullmatch(text.strip()):
            problems.append(
                FieldProblem(name, f"{labels.get(name, name)}: write env: and the name of a variable.")
            )
            del raw[name]
    raw |= {name: text for name, text in _standing(server, typed).items() if name not in raw}
    return raw, problems


def _standing(server: MailServer | None, typed: Typed) -> dict[str, str]:
    """Stored texts that go on when nothing is said about them: references always, the rest on the command line."""
    if server is None:
        return {}
    values = {**server.values, **{name: getattr(server, name) for name in limits.NAMES}}
    return {
        name: declared.as_text(value)
        for name, value in values.items()
        if (typed.partial or is_reference(value)) and name not in typed.remove
    }


def _stored_secrets(kind_fields: tuple[Field, ...], server: MailServer | None) -> frozenset[str]:
    names = frozenset(declared.secrets(kind_fields))
    return names & {secret.field for secret in server.secrets} if server is not None else frozenset()


def _sorted_out(
    kind_fields: tuple[Field, ...],
    server: MailServer | None,
    typed: Typed,
    values: Mapping[str, Value],
    bounds: Mapping[str, Value],
) -> Settled:
    secret_names = set(declared.secrets(kind_fields))
    plain = {n: v for n, v in values.items() if n not in secret_names or is_reference(v)}
    secrets = {n: str(values[n]) for n in secret_names if values[n] and not is_reference(values[n])}
    kept = frozenset(
        one.name
        for one in kind_fields
        if one.name in _stored_secrets(kind_fields, server) - typed.remove
        and one.name not in secrets
        and one.name not in plain
        and declared.shown(one, values)
    )
    referred = {n for n in secret_names if n in plain and n not in typed.raw}
    if server is not None:
        _raise(_typed_again(kind_fields, server, plain, kept | referred))
    return Settled(typed.kind, plain, dict(bounds), secrets, kept)


def _typed_again(
    kind_fields: tuple[Field, ...], server: MailServer, after: Mapping[str, Any], going_on: Iterable[str]
) -> list[FieldProblem]:
    for one in kind_fields:
        if not isinstance(one, Secret) and declared.destination_changed([one], server.values, after):
            what = _WORDS.get(one.name, one.name.replace("_", " "))
            words = f"Type it again: you changed the {what}. A saved password never goes to a new server."
            return [FieldProblem(name, words) for name in sorted(going_on)]
    return []


_WORDS = {
    "security": "encryption",
    "username": "user name",
    "auth": "way to sign in",
    "ca_pem": "certificate authority",
}


def _across(
    desk: Desk, transport: type[Transport], server: MailServer | None, settled: Settled
) -> list[FieldProblem]:
    """What the transport's own rules across fields say; a reference that can't be followed yet is no obstacle."""
    try:
        settings = settings_to_try(desk, server, settled)
    except SettingsError:
        return []
    try:
        return list(transport.check(settings))
    except Exception as fault:
        words = f"The plugin {transport.kind} failed while it checked these values: {type(fault).__name__}."
        return [FieldProblem("", words)]


def _raise(problems: Iterable[FieldProblem]) -> None:
    found: dict[str, str] = {}
    for problem in problems:
        found[problem.field] = (
            f"{found[problem.field]} {problem.reason}" if problem.field in found else problem.reason
        )
    if found:
        raise Invalid(found)
