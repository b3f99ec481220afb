"""How much one source may ask for without an account: so many activations, so few unknown keys."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shared.errors import TooManyError


class Visit(StrEnum):
    ACTIVATION = "activation"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True)
class Allowance:
    """So many visits in each window; windows begin at whole multiples of their length."""

    most: int
    window: timedelta

    def window_of(self, now: datetime) -> tuple[datetime, datetime]:
        """The window that this instant lies in: its beginning and its end."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        begins = now - (now - epoch) % self.window
        return begins, begins + self.window


@dataclass(frozen=True)
class Allowances:
    activations: Allowance
    unknown_keys: Allowance


def too_many(until: datetime, now: datetime) -> TooManyError:
    return TooManyError(retry_after_seconds=int((until - now).total_seconds()) + 1)
