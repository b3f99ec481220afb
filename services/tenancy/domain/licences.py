"""What the licences that a tenant holds mean for it at an instant.

Licensing alone knows the calendar behind a timeline; here its four instants are compared, nothing
else. "Valid" means active, expiring or in grace.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.licensing import LicenceTimeline


class LicenceState(StrEnum):
    """Best first. NONE is who never had a licence, or has one that is yet to start."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    GRACE = "grace"
    EXPIRED = "expired"
    NONE = "none"


@dataclass(frozen=True)
class HeldLicence:
    """What tenancy knows of one licence, and from which version of it."""

    licence_id: str
    product: str
    seats: int
    ends_on: date
    timeline: LicenceTimeline
    sequence: int


def licence_state(timelines: Iterable[LicenceTimeline], now: datetime) -> LicenceState:
    """The best state among all licences."""
    states = {_state(timeline, now) for timeline in timelines}
    return next((state for state in LicenceState if state in states), LicenceState.NONE)


def valid_until(timelines: Iterable[LicenceTimeline], now: datetime) -> datetime | None:
    """The instant at which validity would end if nothing happens, None where there is none now.

    A licence that starts before another one ends carries validity on.
    """
    until: datetime | None = None
    reached = now
    for timeline in sorted(timelines, key=lambda each: each.starts_at):
        if timeline.starts_at > reached:
            break
        if timeline.expired_at > reached:
            until = reached = timeline.expired_at
    return until


def _state(timeline: LicenceTimeline, now: datetime) -> LicenceState:
    if now >= timeline.expired_at:
        return LicenceState.EXPIRED
    if now < timeline.starts_at:
        return LicenceState.NONE
    if now >= timeline.grace_at:
        return LicenceState.GRACE
    if now >= timeline.expiring_at:
        return LicenceState.EXPIRING
    return LicenceState.ACTIVE
