"""What a reseller may ask of the list of its customers, and what is kept to answer it at once.

Everything that the list filters and sorts by is worked out when a tenant changes and kept beside
it, so that an index gives each page. A licence passes from state to state by itself: what is kept
then says until when it is right, and a job renews what is due.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.tenancy.domain.licences import HeldLicence, LicenceState
from shared.folding import folded

OPEN_ENDED: Final = date(9999, 12, 30)
NO_END: Final = date(9999, 12, 31)
"""Who has no licence is sorted behind whose licence has no end."""


class CustomerOrder(StrEnum):
    """What the list is sorted by."""

    ID = "id"
    NAME = "name"
    CREATED = "created"
    DAYS_LEFT = "days_left"


class Coverage(StrEnum):
    """How many of a tenant's users who may sign in have a second factor."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    NO_USERS = "no_users"


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers, in which order, after which one."""

    order: CustomerOrder = CustomerOrder.ID
    search: str | None = None
    """The beginning of a name, an alias, an id or the reseller's own number."""
    licence_state: LicenceState | None = None
    coverage: Coverage | None = None
    ends_from: date | None = None
    """Only those whose last licence ends on this day or later,"""
    ends_by: date | None = None
    """and on this day or earlier."""
    only: frozenset[str] | None = None
    """Those that whoever asks is limited to; None for all."""
    after: tuple[str, ...] | None = None
    """The last one seen: what it is sorted by, as text, and its id; only the id in that order."""


def coverage(users: int, with_factor: int) -> Coverage:
    if users == 0:
        return Coverage.NO_USERS
    if with_factor == 0:
        return Coverage.NONE
    return Coverage.FULL if with_factor >= users else Coverage.PARTIAL


def search_keys(name: str, tenant_id: str, number: str | None, aliases: Iterable[str]) -> list[str]:
    """What a tenant is found by the start of."""
    return sorted({folded(each) for each in (name, tenant_id, number, *aliases) if each})


def state_until(licences: Iterable[HeldLicence], now: datetime) -> datetime | None:
    """The next instant at which a licence passes to another state, None where none will."""
    instants = (
        instant
        for held in licences
        if not held.is_gone
        for instant in (
            held.timeline.starts_at,
            held.timeline.expiring_at,
            held.timeline.grace_at,
            held.timeline.expired_at,
        )
    )
    return min((instant for instant in instants if instant > now), default=None)


def last_day(licences: Iterable[HeldLicence]) -> date:
    """By what customers are sorted: the last day of the licence that ends last."""
    ends = [held.ends_on for held in licences if not held.is_gone]
    if not ends:
        return NO_END
    return max(day or OPEN_ENDED for day in ends)
