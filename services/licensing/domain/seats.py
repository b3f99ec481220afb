"""Seats: how many devices a licence carries, and what happens when one more wants to be carried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.licensing.domain.licences import VALID, Licence, state
from services.licensing.domain.products import OverUse, known_product
from services.licensing.domain.sandbox import now_of
from shared.contracts.licensing import LicenceOverused
from shared.errors import ConflictError

_ALLOWED_PERCENT: Final = 100
"""So much over-use a product allows that allows it, where the installation says nothing else."""


class Reclaim(StrEnum):
    """When the seat of a silent device is freed."""

    NEVER = "never"
    WHEN_WANTED = "when_wanted"
    ALWAYS = "always"


class LicenceNotValidError(ConflictError):
    """`reason` says why, by the state that the licence is in."""

    code = "licence_not_valid"
    detail = "This licence is not valid now; `reason` says in which state it is."


class NoSeatError(ConflictError):
    code = "no_seat"
    detail = "All seats of this licence are taken. Remove a device or ask for more seats."


@dataclass(frozen=True)
class SeatRules:
    """The rules of this installation."""

    silent_after: timedelta
    reclaim: Reclaim = Reclaim.WHEN_WANTED
    overage_percent: Mapping[str, int] = field(default_factory=dict)

    def most(self, product: str, seats: int | None) -> int | None:
        """How many devices a licence of so many seats may carry, over-use included; None where it
        has no limit of seats.
        """
        return None if seats is None else seats + seats * self.overage(product) // 100

    def overage(self, product: str) -> int:
        """By how many percent of its seats a licence of this product may be over-used."""
        allowed = known_product(product).over_use is OverUse.ALLOW
        return self.overage_percent.get(product, _ALLOWED_PERCENT if allowed else 0)

    def silent_before(self, now: datetime) -> datetime:
        """Whoever was last heard of before this instant is silent."""
        return now - self.silent_after


def must_be_valid(licence: Licence, now: datetime) -> None:
    """LicenceNotValidError where the licence takes no device now."""
    found = state(licence, now_of(licence, now))
    if found not in VALID:
        raise LicenceNotValidError(extensions={"reason": found.value})


def overused(licence: Licence, used: int) -> LicenceOverused | None:
    """What there is to tell where one more device than licensed is carried."""
    if licence.seats is None or used <= licence.seats:
        return None
    return LicenceOverused(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        reseller_id=licence.reseller_id,
        product=licence.product,
        seats=licence.seats,
        seats_used=used,
    )
