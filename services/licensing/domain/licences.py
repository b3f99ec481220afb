"""A licence: what a customer may use on how many devices, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.licensing.domain.products import LicenceModel
from services.licensing.domain.terms import archived_at, timeline
from shared.contracts.licensing import LicenceTimeline

KEY_BITS: Final = 100
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two signs that nobody confuses when reading aloud (Crockford's base 32)."""


class LicenceState(StrEnum):
    """Valid means active, expiring or grace."""

    ORDERED = "ordered"
    ACTIVE = "active"
    EXPIRING = "expiring"
    GRACE = "grace"
    EXPIRED = "expired"
    ARCHIVED = "archived"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


OVER: Final = frozenset({LicenceState.ARCHIVED, LicenceState.CANCELLED, LicenceState.REVOKED})
"""Nothing brings a licence back from there."""
VALID: Final = frozenset({LicenceState.ACTIVE, LicenceState.EXPIRING, LicenceState.GRACE})


@dataclass(frozen=True)
class Entitlement:
    """A feature that a licence gives; where it has a last day of its own, not beyond that."""

    feature: str
    ends_on: date | None = None


@dataclass(frozen=True)
class Licence:
    """`starts_on` and `ends_on` are days in Europe/Berlin, both included."""

    id: str
    key: str
    product: str
    seats: int | None
    """None where there is no limit."""
    starts_on: date
    ends_on: date | None
    """None while it is open-ended."""
    tenant_id: str
    reseller_id: str
    created_at: datetime
    entitlements: tuple[Entitlement, ...] = ()
    order_id: str | None = None
    order_number: str | None = None
    """The reseller's own number for the order."""
    reseller_number: str | None = None
    """The reseller's own number for the customer."""
    model: LicenceModel = LicenceModel.TERM
    is_tried: bool = False
    """Whether it is, or began as, a trial."""
    extensions: int = 0
    """How often the trial was extended."""
    suspended_at: datetime | None = None
    cancelled_at: datetime | None = None
    """From when on it is cancelled; that may lie ahead."""
    revoked_at: datetime | None = None
    noticed_at: datetime | None = None
    """Up to when what time does to it was noticed; None for its creation."""
    announced_share: int = 0
    """The highest share of its seats in use, in percent, that was announced for so many seats."""
    ahead: timedelta = timedelta(0)
    """How far its tenant's clock is ahead of everybody's; only a sandbox's is."""
    drawn: int = 0
    """How many of its seats come out of the reseller's quota."""
    free_units: int | None = None
    """How many devices a licence that is billed by use has free up to `free_until`, since the
    customer has paid for them already: the rest of a term, carried over.
    """
    free_until: date | None = None
    seats_used: int = 0
    """How many devices have a seat. Activation counts it on the document itself, so that saving a
    licence leaves it alone.
    """
    seats_freed: int = 0
    """How often a seat was given back; counted on the document itself, like the seats in use."""
    version: int = 1

    def is_valid(self, now: datetime) -> bool:
        return state(self, now) in VALID


@dataclass(frozen=True)
class Whose:
    """Whose licences are asked for: a tenant's, a reseller's, or a tenant's of a reseller."""

    tenant_id: str | None = None
    reseller_id: str | None = None
    only: frozenset[str] | None = None
    """The tenants that whoever asks is limited to; None for all."""

    def has(self, licence: Licence) -> bool:
        return (
            self.tenant_id in {None, licence.tenant_id}
            and self.reseller_id in {None, licence.reseller_id}
            and (self.only is None or licence.tenant_id in self.only)
        )


def state(licence: Licence, now: datetime) -> LicenceState:
    """The state at this instant: what was done for good comes first, then what time has done."""
    instants = timeline(licence.starts_on, licence.ends_on)
    cancelled_at = licence.cancelled_at
    found = (
        (LicenceState.REVOKED, licence.revoked_at is not None),
        (LicenceState.CANCELLED, cancelled_at is not None and now >= cancelled_at),
        (LicenceState.ARCHIVED, now >= archived_at(licence.ends_on)),
        (LicenceState.EXPIRED, now >= instants.expired_at),
        (LicenceState.SUSPENDED, licence.suspended_at is not None),
        (LicenceState.ORDERED, now < instants.starts_at),
        (LicenceState.GRACE, now >= instants.grace_at),
        (LicenceState.EXPIRING, now >= instants.expiring_at),
    )
    return next((each for each, is_so in found if is_so), LicenceState.ACTIVE)


def timeline_of(licence: Licence) -> LicenceTimeline:
    """When it passes from state to state, and that nothing of it is valid once it was stopped."""
    instants = timeline(licence.starts_on, licence.ends_on)
    stopped, at = _stop(licence)
    if stopped is None or at is None or at >= instants.expired_at:
        return instants
    return LicenceTimeline(
        starts_at=instants.starts_at,
        expiring_at=min(instants.expiring_at, at),
        grace_at=min(instants.grace_at, at),
        expired_at=at,
        stopped=stopped.value,
    )


def _stop(licence: Licence) -> tuple[LicenceState | None, datetime | None]:
    """What ends its validity ahead of time, and from when on."""
    if licence.revoked_at is not None:
        return LicenceState.REVOKED, licence.revoked_at
    stops = [
        (at, each)
        for each, at in (
            (LicenceState.CANCELLED, licence.cancelled_at),
            (LicenceState.SUSPENDED, licence.suspended_at),
        )
        if at is not None
    ]
    if not stops:
        return None, None
    at, first = min(stops)
    return first, at


def ending(key: str) -> str:
    """So much of a key as tells which one it is, without being of use to anybody."""
    return f"…{key[-5:]}" if key else ""


def licence_key(number: int) -> str:
    """A key that people can read aloud, `MS-XXXXX-XXXXX-XXXXX-XXXXX`, from KEY_BITS random bits."""
    signs = [_CROCKFORD[number >> shift & 31] for shift in range(0, KEY_BITS, 5)]
    groups = ["".join(signs[start : start + 5]) for start in range(0, len(signs), 5)]
    return "-".join(["MS", *groups])
