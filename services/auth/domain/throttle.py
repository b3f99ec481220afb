"""How guessing is slowed down: failures of one kind for one account make the next try wait."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FREE_FAILURES: Final = 10
LONGEST_WAIT: Final = timedelta(minutes=15)


class Guess(StrEnum):
    """What was guessed at; each has a counter that the other's success does not reset."""

    PASSWORD = "password"  # noqa: S105 a kind, not a password
    CODE = "code"


def blocked_until(failures: int, last_failure_at: datetime) -> datetime:
    """When the next try counts: at once for the first ten failures, then 1, 2, 4 … seconds."""
    over = failures - FREE_FAILURES
    if over <= 0:
        return last_failure_at
    return last_failure_at + min(timedelta(seconds=2 ** min(over - 1, 20)), LONGEST_WAIT)
