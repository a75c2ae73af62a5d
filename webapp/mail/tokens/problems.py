"""What is wrong with a template, in words that say where, what and how to mend it."""

from dataclasses import asdict, dataclass

MOST_PROBLEMS = 50
"""More than that helps nobody, and a hostile template must not grow a page without end."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1 inside `field`; `suggestion` is "" when there is nothing to suggest."""

    line: int
    token: str
    reason: str
    suggestion: str = ""
    field: str = "html"

    @property
    def sentence(self) -> str:
        """The problem as one sentence for people, with the line when there can be several."""
        where = f"Line {self.line}: " if self.field == "html" else ""
        subject = f"{self.token} " if self.token else ""
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{where}{subject}{self.reason}{hint}"

    def as_dict(self) -> dict[str, str | int]:
        """Plain data for `--json` and for pages."""
        return asdict(self)


def shortened(text: str, limit: int = 60) -> str:
    """A quotation short enough for a sentence, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
