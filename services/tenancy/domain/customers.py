"""What a reseller may ask of the list of its customers."""

from dataclasses import dataclass
from enum import StrEnum

from services.tenancy.domain.licences import LicenceState


class CustomerOrder(StrEnum):
    """What the list is sorted by."""

    ID = "id"
    NAME = "name"


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers, in which order, after which one."""

    order: CustomerOrder = CustomerOrder.ID
    search: str | None = None
    """The beginning of a name or of an id."""
    licence_state: LicenceState | None = None
    after: tuple[str, ...] | None = None
    """The last one seen: its id, or its folded name and its id."""
