"""Offerpost's reader, as `offerpost bounce explain` calls it."""

from benchmarks.contestants.returned.answering import Understood, answer
from webapp.feedback.returned import read


def understand(raw: bytes) -> Understood:
    reading = read(raw)
    return reading.kind.value, {one.address: one.severity.value for one in reading.recipients}


if __name__ == "__main__":
    answer(understand)
