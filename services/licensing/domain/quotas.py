"""A quota: how many seats of a product a reseller may have out at once, as the vendor has decided.

Bought licences draw their seats from it, and what a licence has drawn comes back when it is
archived, cancelled or revoked, or made smaller. Trials, a reseller's own licences and those billed
by use draw nothing, nor does what was sold before there was a quota.
"""

from dataclasses import dataclass

from services.licensing.domain.licences import Licence
from services.licensing.domain.products import LicenceModel
from shared.errors import ConflictError


class QuotaExceededError(ConflictError):
    code = "quota_exceeded"
    detail = "The vendor's quota for this product does not suffice. Ask the vendor for more."


class QuotaBelowDrawnError(ConflictError):
    code = "quota_below_drawn"
    detail = "More seats than that are out already."


@dataclass(frozen=True)
class Quota:
    reseller_id: str
    product: str
    seats: int | None
    """None where nothing limits the reseller any more."""
    drawn: int = 0
    version: int = 0
    """How often the limit was set; drawing leaves it alone."""


def seats_drawn(model: LicenceModel, seats: int | None) -> int:
    """What a licence of this model with so many seats costs the quota."""
    return seats or 0 if model is LicenceModel.TERM else 0


def draw(before: Licence, after: Licence, *, is_over: bool) -> int:
    """What a change takes from the quota; less than nothing where seats come back."""
    if is_over:
        return -before.drawn
    had = seats_drawn(before.model, before.seats)
    return max(seats_drawn(after.model, after.seats) - had, -before.drawn)
