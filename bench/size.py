"""How much a benchmark does: so much that figures tell something, or only enough to see it run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rounds:
    """The size of a benchmark that puts load on something for a while, several times."""

    rounds: int
    seconds: int
    """How long the load of a round lasts."""
