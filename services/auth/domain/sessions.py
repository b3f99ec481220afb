"""A session: one sign-in, carried on by refresh tokens that each work once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.errors import UnauthenticatedError

GRACE: Final = timedelta(seconds=10)
"""For this long the token before the last still gets the same successor: its answer may be lost."""


class SessionEndedError(UnauthenticatedError):
    code = "session_ended"
    detail = "This session has ended. Sign in again."


_OF_A_FACTOR: Final = frozenset({"mfa", "otp", "kba", "hwk", "swk", "user"})
"""What a second factor, or a passkey alone, adds to `amr` (RFC 8176)."""


def amr_after(before: Iterable[str], shown: Iterable[str]) -> tuple[str, ...]:
    """How a session was signed in to when another factor was shown in it: the first step stays."""
    return (*(method for method in before if method not in _OF_A_FACTOR), *shown)


@dataclass(frozen=True)
class Limits:
    """How long a session may go unused, and how long it may last at all."""

    idle: timedelta
    absolute: timedelta

    def narrowed(self, idle: timedelta | None, absolute: timedelta | None) -> "Limits":
        """With an organisation's own limits, each of which only counts where it is the shorter."""
        return Limits(
            min(self.idle, idle) if idle is not None else self.idle,
            min(self.absolute, absolute) if absolute is not None else self.absolute,
        )


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
    idle: timedelta | None = None
    """How long it might go unused when it was last used; limits widened since don't count."""

    def is_alive(self, now: datetime, limits: Limits) -> bool:
        """Whether it may be used, by these limits and by those it was last used under."""
        if self.revoked_at is not None:
            return False
        return now < self.ends_at(limits) and now < self.last_used_at + self.idle_by(limits)

    def ends_at(self, limits: Limits) -> datetime:
        return min(self.expires_at, self.started_at + limits.absolute)

    def idle_by(self, limits: Limits) -> timedelta:
        return limits.idle if self.idle is None else min(self.idle, limits.idle)

    def forgives(self, generation: int, now: datetime) -> bool:
        """Whether a token that was just replaced may still be answered, as by two tabs at once."""
        return generation == self.generation - 1 and now <= self.rotated_at + GRACE
