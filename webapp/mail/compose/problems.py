"""The refusal that the composer raises."""

from collections.abc import Sequence

from webapp.errors import Invalid
from webapp.mail.tokens.problems import Problem


class TokenProblems(Invalid):
    """The draft cannot be compiled. `found` lists every problem; `problems` has one text for each field of the form."""

    def __init__(self, found: Sequence[Problem]) -> None:
        self.found = tuple(found)
        fields: dict[str, list[str]] = {}
        for problem in self.found:
            fields.setdefault(problem.field, []).append(problem.sentence)
        super().__init__({field: " ".join(sentences) for field, sentences in fields.items()})
