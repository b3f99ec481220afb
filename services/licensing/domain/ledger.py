"""The ledger: every change of a licence, with who, why, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.licensing.domain.licences import Licence, Whose, state, timeline_of
from services.licensing.domain.products import known_product
from services.licensing.domain.sandbox import now_of, really_timed
from shared.contracts.events import Event
from shared.contracts.licensing import (
    OPEN_END,
    LicenceChangeAnnounced,
    LicenceChanged,
    LicenceCreated,
)


class Act(StrEnum):
    """What was done to a licence."""

    CREATED = "created"
    RENEWED = "renewed"
    RESIZED = "resized"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    EXTENDED = "extended"
    CONVERTED = "converted"
    TRANSFERRED = "transferred"
    ENTITLED = "entitled"
    CARRIED_OVER = "carried_over"
    """What the customer has paid already makes devices free for a while."""
    HANDED_OVER = "handed_over"
    """Its customer was given to another reseller, and it went along."""
    CLOCK_MOVED = "clock_moved"
    """The clock of a sandbox was moved ahead."""
    PASSED = "passed"
    """Nobody did anything: with time it has come into another state."""


CONFIRMED: Final = frozenset(
    {
        Act.CREATED,
        Act.RENEWED,
        Act.RESIZED,
        Act.SUSPENDED,
        Act.RESUMED,
        Act.REVOKED,
        Act.CANCELLED,
        Act.EXTENDED,
        Act.CONVERTED,
        Act.TRANSFERRED,
    }
)
"""What a customer and its reseller get a mail about when somebody does it."""


@dataclass(frozen=True)
class Entry:
    """One line, written once; of the licence's key it keeps the last signs only."""

    act: Act
    at: datetime
    before: Licence | None
    after: Licence
    actor: str | None
    """The account or machine; None where it was the portal itself."""
    actor_org: str | None
    request_id: str
    reason: str | None = None

    @property
    def licence_id(self) -> str:
        return self.after.id

    @property
    def version(self) -> int:
        return self.after.version

    def as_told_to(self, reader: Whose) -> "Entry":
        """Without what was before, where the licence was somebody else's then."""
        is_theirs = self.before is None or reader.has(self.before)
        return self if is_theirs else replace(self, before=None)


def told(entry: Entry) -> Event:
    """What the others hear of it; the key is for the customer alone."""
    if entry.act is Act.CREATED:
        return _created(entry.after)
    licence, before = entry.after, entry.before
    moved = before is not None and before.tenant_id != licence.tenant_id
    return LicenceChanged(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        reseller_id=licence.reseller_id,
        act=entry.act.value,
        product=licence.product,
        model=licence.model.value,
        seats=licence.seats,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        state=state(licence, now_of(licence, entry.at)).value,
        timeline=really_timed(licence, timeline_of(licence)),
        former_tenant_id=before.tenant_id if before and moved else None,
        reason=entry.reason,
    )


def confirmed(
    act: Act, before: Licence, after: Licence, names: Mapping[str, str], reason: str | None
) -> LicenceChangeAnnounced:
    """What was done to a licence, for those who want to read of it; `names` are those of its
    customers, by id.
    """
    moved = before.tenant_id != after.tenant_id
    return LicenceChangeAnnounced(
        licence_id=after.id,
        tenant_id=after.tenant_id,
        tenant_name=names[after.tenant_id],
        former_tenant_id=before.tenant_id if moved else None,
        former_tenant_name=names[before.tenant_id] if moved else None,
        reseller_id=after.reseller_id,
        product_name=known_product(after.product).name,
        act=act.value,
        former_seats=before.seats,
        seats=after.seats,
        former_starts_on=before.starts_on,
        former_ends_on=before.ends_on,
        starts_on=after.starts_on,
        ends_on=after.ends_on,
        reason=reason,
    )


def _created(licence: Licence) -> LicenceCreated:
    return LicenceCreated(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        reseller_id=licence.reseller_id,
        product=licence.product,
        seats=licence.seats or 0,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on or OPEN_END,
        timeline=really_timed(licence, timeline_of(licence)),
        order_id=licence.order_id,
        model=licence.model.value,
    )
