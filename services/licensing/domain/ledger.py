"""The ledger: every change of a licence, with who, why, before and after."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.licensing.domain.licences import Licence, state, timeline_of
from services.licensing.domain.sandbox import now_of, really_timed
from shared.contracts.events import Event
from shared.contracts.licensing import OPEN_END, LicenceChanged, LicenceCreated


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
