"""The form of the routing table: a row a server."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wtforms import BooleanField, SelectField

from webapp.errors import Invalid
from webapp.mail.outbox.routing import ALL, OPERATIONAL
from webapp.mail.states import Kind
from webapp.settings import routing
from webapp.settings.models import MailServer
from webapp.web.forms import Form, TextField, choices


class RouteForm(Form):
    """What leaves through one server, and what goes on for it. Names in the page begin with the server's number."""

    class Meta:
        csrf = False  # the page's own form carries the token

    operational = BooleanField("Operational mail")
    announcement = BooleanField("Announcements")
    domains = TextField("Only from sender domains")
    fallback = SelectField("Fallback")
    fallback_for = SelectField(
        "Which mail may take it",
        choices=choices([(OPERATIONAL, "Operational mail"), (ALL, "All mail")]),
    )
    server: MailServer
    others: Mapping[str, str]  # names by number

    @classmethod
    def of(cls, server: MailServer, known: Sequence[MailServer]) -> "RouteForm":
        kinds, domains = routing.split(server.sends_for)
        others = {str(one.id): one.name for one in known if one.id != server.id}
        form = cls(
            prefix=f"s{server.id}-",
            data={
                "operational": Kind.OPERATIONAL in kinds,
                "announcement": Kind.ANNOUNCEMENT in kinds,
                "domains": ", ".join(domains),
                "fallback": str(server.fallback_id or ""),
                "fallback_for": server.fallback_for or OPERATIONAL,
            },
        )
        form.fallback.choices = choices([("", "None: its mail waits"), *others.items()])
        form.server, form.others = server, others
        return form

    def typed(self) -> routing.Change:
        """As the service takes it: the fallback by its name."""
        kinds = [kind.value for kind in Kind if self[kind.value].data]
        fallback = self.others.get(str(self.fallback.data or ""), "")
        return routing.Change(" ".join([*kinds, self.domains.data or ""]), fallback, self.fallback_for.data)

    def refuse(self, error: Invalid) -> None:
        super().refuse(
            Invalid({"domains" if n == "sends_for" else n: reason for n, reason in error.problems.items()})
        )


@dataclass
class RoutingForm:
    """Every row, with the token of the page around them; it answers `problems()` like a form."""

    token: Form
    rows: list[RouteForm]

    @classmethod
    def of(cls, known: Sequence[MailServer]) -> "RoutingForm":
        return cls(Form(), [RouteForm.of(server, known) for server in known])

    def submitted(self) -> bool:
        """Whether it was posted and every field of every row is fine; each row is looked at, so that all is named."""
        wrong = [row for row in self.rows if self.token.is_submitted() and not row.validate()]
        return self.token.submitted() and not wrong

    def problems(self) -> Iterator[tuple[str | None, str]]:
        yield from self.token.problems()
        for row in self.rows:
            yield from row.problems()
