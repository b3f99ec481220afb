"""What the licences that a tenant holds mean for it at an instant.

Licensing alone knows the calendar behind a timeline and what has stopped it; here its four instants
are compared, nothing else. "Valid" means active, expiring or in grace.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from shared.contracts.licensing import LicenceTimeline

_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


class LicenceState(StrEnum):
    """Best first. NONE is who never had a licence, or has one that is yet to start."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    GRACE = "grace"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    NONE = "none"


@dataclass(frozen=True)
class HeldLicence:
    """What tenancy knows of one licence, and from which version of it."""

    licence_id: str
    product: str
    seats: int
    ends_on: date | None
    """None while it is open-ended."""
    timeline: LicenceTimeline
    sequence: int
    is_gone: bool = False
    """Whether it went to another tenant; remembered so that older news of it is known as such."""

    def gone(self) -> "HeldLicence":
        never = LicenceTimeline(
            starts_at=_NEVER, expiring_at=_NEVER, grace_at=_NEVER, expired_at=_NEVER
        )
        return replace(self, timeline=never, is_gone=True)


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
        return LicenceState(timeline.stopped or LicenceState.EXPIRED)
    if now < timeline.starts_at:
        return LicenceState.NONE
    if now >= timeline.grace_at:
        return LicenceState.GRACE
    if now >= timeline.expiring_at:
        return LicenceState.EXPIRING
    return LicenceState.ACTIVE
