"""What is measured, one file a question. Each answers with a table."""

from dataclasses import dataclass

from benchmarks.peers import Peers


@dataclass(frozen=True)
class Occasion:
    """`long` asks for more rounds and a million recipients."""

    peers: Peers
    rounds: int
    long: bool
