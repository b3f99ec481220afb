"""A session: one sign-in, carried on by refresh tokens that each work once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.errors import UnauthenticatedError

GRACE: Final = timedelta(seconds=10)
"""For this long the token before the last still gets the same successor: its answer may be lost."""


class SessionEndedError(UnauthenticatedError):
    code = "session_ended"
    detail = "This session has ended. Sign in again."


@dataclass(frozen=True)
class Session:
    id: str
    account_id: str
    org: str
    generation: int
    """How many refresh tokens came before the one that is good now."""
    amr: tuple[str, ...]
    device: str
    started_at: datetime
    rotated_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    factor_at: datetime | None = None
    """When a second factor was last shown; None where none ever was."""

    def is_alive(self, now: datetime, idle: timedelta) -> bool:
        return self.revoked_at is None and now < self.expires_at and now < self.last_used_at + idle

    def forgives(self, generation: int, now: datetime) -> bool:
        """Whether a token that was just replaced may still be answered, as by two tabs at once."""
        return generation == self.generation - 1 and now <= self.rotated_at + GRACE
