"""What happened in a place, as whoever looks after it may read it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Activity:
    id: str
    """The event's id: an event that comes twice is one row."""
    place: str
    at: datetime
    what: str
    """For example `totp_reset.asked`; never changes its meaning."""
    subject: str
    """The account or API key that it was done to."""
    actor: str | None
    """The account that did it; None where nobody was signed in."""
    actor_org: str | None
    reason: str | None
    request_id: str | None


@dataclass(frozen=True)
class Position:
    """Where a page ended; rows are read newest first."""

    at: datetime
    id: str
