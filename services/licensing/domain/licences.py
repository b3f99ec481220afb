"""A licence: what a customer may use on how many devices, and until when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.licensing.domain.terms import timeline
from shared.contracts.licensing import LicenceCreated

KEY_BITS: Final = 100
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two signs that nobody confuses when reading aloud (Crockford's base 32)."""


class LicenceModel(StrEnum):
    TERM = "term"


class LicenceState(StrEnum):
    """Valid means active, expiring or grace."""

    ORDERED = "ordered"
    ACTIVE = "active"
    EXPIRING = "expiring"
    GRACE = "grace"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Licence:
    """`starts_on` and `ends_on` are days in Europe/Berlin, both included."""

    id: str
    key: str
    product: str
    seats: int
    starts_on: date
    ends_on: date
    tenant_id: str
    reseller_id: str
    created_at: datetime
    order_id: str | None = None
    model: LicenceModel = LicenceModel.TERM
    seats_freed: int = 0
    """How often a seat was given back; counted on the document itself, like the seats in use."""
    version: int = 1


def state(licence: Licence, now: datetime) -> LicenceState:
    instants = timeline(licence.starts_on, licence.ends_on)
    if now < instants.starts_at:
        return LicenceState.ORDERED
    if now < instants.expiring_at:
        return LicenceState.ACTIVE
    if now < instants.grace_at:
        return LicenceState.EXPIRING
    if now < instants.expired_at:
        return LicenceState.GRACE
    return LicenceState.EXPIRED


def licence_key(number: int) -> str:
    """A key that people can read aloud, `MS-XXXXX-XXXXX-XXXXX-XXXXX`, from KEY_BITS random bits."""
    signs = [_CROCKFORD[number >> shift & 31] for shift in range(0, KEY_BITS, 5)]
    groups = ["".join(signs[start : start + 5]) for start in range(0, len(signs), 5)]
    return "-".join(["MS", *groups])


def created(licence: Licence) -> LicenceCreated:
    """What the others hear of a new licence; its key is for its customer alone."""
    return LicenceCreated(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        reseller_id=licence.reseller_id,
        product=licence.product,
        seats=licence.seats,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        timeline=timeline(licence.starts_on, licence.ends_on),
        order_id=licence.order_id,
    )
