"""Rules of addresses that start fast: the code that builds an address is compiled when the address is first asked for."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
_builders: dict[tuple[object, ...], Builder] = {}


class LateRule(Rule):
    """A rule whose two builders wait for their first use, and are shared by every app of the process.

    Werkzeug writes and compiles two small functions a rule when it is added: three quarters of the time an app takes to
    start, for addresses of which a page links a tenth. Should a later Werkzeug name its step otherwise, rules are merely
    compiled at once again.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        key = (self.rule, self.subdomain, self.host, repr(self.defaults), append_unknown)
        compiled = super()._compile_builder

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if key not in _builders:
                _builders[key] = compiled(append_unknown)
            return _builders[key](rule, **values)

        return build


def install(app: Flask) -> None:
    app.url_rule_class = LateRule
