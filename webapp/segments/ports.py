"""What segments need from the features above: who uses one. The composition root plugs them in."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Use:
    """A message or digest that will go to a segment. `by` is whose it is, `name` what the team calls it."""

    name: str
    by: int | None
    at_its_time: bool = False  # it leaves by itself


class Uses(Protocol):
    def __call__(self, session: Session, segment_id: int) -> list[Use]:
        """Whatever will still go to this segment."""


_asked: list[Uses] = []


def plug_uses(*uses: Uses) -> None:
    """Called once by the composition root, with all of them."""
    _asked[:] = uses


def uses(session: Session, segment_id: int) -> list[Use]:
    """Everything that will still go to this segment."""
    return [use for each in _asked for use in each(session, segment_id)]
