"""Events that licensing publishes: orders and licences."""

from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.contracts.events import Event, Outlet, Service
from shared.contracts.sync import ChecksumFacts, DriftFacts, MessageRejected, MessageTaken

OPEN_END: Final = date(9999, 12, 31)
"""The last day of a licence that runs until it is cancelled, where an event must name one."""


class NewCustomer(BaseModel):
    """The customer that an order wants set up first, and who is invited to manage it."""

    model_config = ConfigDict(frozen=True)

    name: str
    locale: str
    reseller_number: str | None = None
    """The reseller's own number for the customer."""
    admin_username: str
    admin_email: str
    admin_display_name: str


class LicenceOrderPlaced(
    Event,
    type="portal.licensing.licence_order.placed.v1",
    about="order_id",
    readers=(Service.TENANCY,),
):
    """A reseller has ordered a licence; where the customer is new, tenancy sets it up."""

    order_id: str
    reseller_id: str
    product: str
    seats: int
    """0 where the model has no limit of seats."""
    term_months: int
    """0 where the model has no term of its own."""
    tenant_id: str | None = None
    new_customer: NewCustomer | None = None
    model: str | None = None


class LicenceOrderFulfilled(
    Event,
    type="portal.licensing.licence_order.fulfilled.v1",
    about="order_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An order has become a licence."""

    order_id: str
    reseller_id: str
    tenant_id: str
    licence_id: str


class LicenceOrderRejected(
    Event,
    type="portal.licensing.licence_order.rejected.v1",
    about="order_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An order has ended without a licence, and why."""

    order_id: str
    reseller_id: str
    reason: str


class LicenceTimeline(BaseModel):
    """When a licence passes from state to state if nothing happens, as instants.

    Licensing alone knows the calendar rule behind them (days in Europe/Berlin, the last one
    included, 30 days of grace); readers only compare: valid from `starts_at` until `expired_at`.
    """

    model_config = ConfigDict(frozen=True)

    starts_at: datetime
    expiring_at: datetime
    grace_at: datetime
    expired_at: datetime
    stopped: str | None = None
    """Why it ends at `expired_at` ahead of time: `suspended`, `cancelled` or `revoked`."""


class LicenceCreated(
    Event,
    type="portal.licensing.licence.created.v1",
    about="licence_id",
    readers=(Service.TENANCY,),
):
    """A customer has a licence, from `starts_on` to `ends_on`, Europe/Berlin, both included."""

    licence_id: str
    tenant_id: str
    reseller_id: str
    product: str
    seats: int
    starts_on: date
    ends_on: date
    timeline: LicenceTimeline
    order_id: str | None = None
    model: str | None = None
    """`term`, `trial`, `nfr`, or `msp`: that one has no limit of seats, which are then 0 here, and
    no end, which is then OPEN_END.
    """


class LicenceChanged(
    Event,
    type="portal.licensing.licence.changed.v1",
    about="licence_id",
    readers=(Service.TENANCY,),
):
    """A licence is no longer what it was; all of it as it is now."""

    licence_id: str
    tenant_id: str
    reseller_id: str
    act: str
    """What was done: `renewed`, `resized`, …, or `passed` where only time has changed its state."""
    product: str
    model: str
    seats: int | None = None
    """None where there is no limit."""
    starts_on: date
    ends_on: date | None = None
    """None while it is open-ended."""
    state: str
    timeline: LicenceTimeline
    former_tenant_id: str | None = None
    """Whose it was before, where it was given to another customer."""
    reason: str | None = None
    """Why it was done, in the words of whoever did it."""


class LicenceEndAnnounced(
    Event,
    type="portal.licensing.licence_end.announced.v1",
    about="licence_id",
    readers=(Service.MAILER,),
):
    """A licence ends before long unless it is renewed; its customer and reseller are reminded."""

    licence_id: str
    tenant_id: str
    tenant_name: str
    reseller_id: str
    product_name: str
    ends_on: date
    days_left: int


class LicenceSeatsAnnounced(
    Event,
    type="portal.licensing.licence_seats.announced.v1",
    about="licence_id",
    readers=(Service.MAILER,),
):
    """The seats of a licence run out: 90 percent of them are in use, or all."""

    licence_id: str
    tenant_id: str
    tenant_name: str
    reseller_id: str
    product_name: str
    share: int
    seats: int
    seats_used: int


class LicenceChangeAnnounced(
    Event,
    type="portal.licensing.licence_change.announced.v1",
    about="licence_id",
    readers=(Service.MAILER,),
):
    """Somebody has done something to a licence that its customer and reseller get confirmed."""

    licence_id: str
    tenant_id: str
    tenant_name: str
    former_tenant_id: str | None = None
    """Whose it was, where it was given to another customer; None elsewhere, as its name."""
    former_tenant_name: str | None = None
    reseller_id: str
    product_name: str
    act: str
    """What was done: `created`, or `renewed`, `suspended`, …, as in LicenceChanged."""
    former_seats: int | None = None
    """None, as in `seats`, where there is no limit."""
    seats: int | None = None
    former_starts_on: date
    former_ends_on: date | None = None
    """None, as in `ends_on`, while it is open-ended."""
    starts_on: date
    ends_on: date | None = None
    reason: str | None = None
    """Why it was done, in the words of whoever did it."""


class LicenceOverused(
    Event,
    type="portal.licensing.licence.overused.v1",
    about="licence_id",
    readers=(Service.TENANCY,),
):
    """A licence carries more devices than it has seats, as its product allows."""

    licence_id: str
    tenant_id: str
    reseller_id: str
    product: str
    seats: int
    seats_used: int


class DeviceActivated(
    Event,
    type="portal.licensing.device.activated.v1",
    about="device_id",
    readers=(Service.TENANCY,),
):
    """A device has taken a seat."""

    device_id: str
    licence_id: str
    tenant_id: str
    platform: str


class DeviceDeactivated(
    Event,
    type="portal.licensing.device.deactivated.v1",
    about="device_id",
    readers=(Service.TENANCY,),
):
    """A device has no seat any more: removed by an admin, by itself, or silent for too long."""

    device_id: str
    licence_id: str
    tenant_id: str
    reason: str


class LicensingMessageTaken(
    MessageTaken,
    Event,
    type="portal.licensing.sync_message.taken.v1",
    about="record",
    readers=(Service.TENANCY,),
):
    """What the Reseller Portal said of something that licensing owns was applied, or ignored."""


class LicensingMessageRejected(
    MessageRejected,
    Event,
    type="portal.licensing.sync_message.rejected.v1",
    about="record",
    readers=(Service.TENANCY,),
    outlets=(Outlet.REJECTED,),
):
    """What the Reseller Portal said of something that licensing owns can't be applied, and why."""


class LicensingChecksumsReported(
    ChecksumFacts,
    Event,
    type="portal.licensing.checksums.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What licensing has of a reseller comes to this, beside what the Reseller Portal has."""


class LicensingDriftReported(
    DriftFacts,
    Event,
    type="portal.licensing.drift.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What licensing has of a reseller was compared with what the Reseller Portal has."""


class LicenceRecorded(
    Event,
    type="portal.licensing.licence.recorded.v1",
    about="licence_id",
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """A licence as it is now, for the Reseller Portal. What time does to it is not told."""

    licence_id: str
    tenant_id: str
    reseller_id: str
    product: str
    model: str
    starts_on: date
    ends_on: date | None = None
    seats: int | None = None
    status: str
    """running, suspended, cancelled or revoked, as was decided."""
    order_id: str | None = None


class LicenceOrderRecorded(
    Event,
    type="portal.licensing.licence_order.recorded.v1",
    about="order_id",
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """A licence order as it is now, for the Reseller Portal."""

    order_id: str
    reseller_id: str
    product: str
    model: str
    seats: int | None = None
    term_months: int | None = None
    status: str
    """placed, fulfilled or rejected."""
    tenant_id: str | None = None
    licence_id: str | None = None
    reason: str | None = None
