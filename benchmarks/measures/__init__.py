"""What is measured, one file a question. Each answers with a table."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import Peers


@dataclass(frozen=True)
class Occasion:
    """`long` asks for more rounds and a million recipients; `corpus` holds collections of returned mails."""

    peers: Peers
    rounds: int
    long: bool
    corpus: Path | None = None
