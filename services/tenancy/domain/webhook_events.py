"""Which events a reseller's webhooks may be told, and what the reseller must then be let see."""

from collections.abc import Mapping
from typing import Any, Final

from shared.access import Permission
from shared.contracts.events import CloudEvent
from shared.contracts.licensing import (
    DeviceActivated,
    DeviceDeactivated,
    LicenceChanged,
    LicenceCreated,
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicenceOrderRejected,
    LicenceOverused,
)
from shared.contracts.tenancy import (
    AccessApproved,
    AccessDenied,
    AccessEnded,
    AccessLapsed,
    AccessRequested,
    AccessWithdrawn,
    DelegationChanged,
    OffboardingBegun,
    OffboardingCancelled,
    ResellerChanged,
    TenantConfigured,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantResumed,
    TenantSuspended,
    TenantTransferred,
)

OFFERED: Final[Mapping[str, Permission | None]] = {
    AccessApproved.type: None,
    AccessDenied.type: None,
    AccessEnded.type: None,
    AccessLapsed.type: None,
    AccessRequested.type: None,
    AccessWithdrawn.type: None,
    DelegationChanged.type: None,
    DeviceActivated.type: Permission.DEVICE_READ,
    DeviceDeactivated.type: Permission.DEVICE_READ,
    LicenceChanged.type: None,
    LicenceCreated.type: None,
    LicenceOrderFulfilled.type: None,
    LicenceOrderPlaced.type: None,
    LicenceOrderRejected.type: None,
    LicenceOverused.type: None,
    OffboardingBegun.type: None,
    OffboardingCancelled.type: None,
    ResellerChanged.type: None,
    TenantConfigured.type: Permission.TENANT_READ,
    TenantCreated.type: None,
    TenantDeleted.type: None,
    TenantEdited.type: Permission.TENANT_READ,
    TenantResumed.type: None,
    TenantSuspended.type: None,
    TenantTransferred.type: None,
}
"""The permission that the reseller must have inside the customer's tenant; None where an event
tells no more than the reseller's own list of customers. No sign-in, no account and nothing sealed
is among them.
"""
WITHHELD: Final = frozenset({"former_reseller_id"})
"""What an event says of another reseller."""


def told(event: CloudEvent) -> CloudEvent:
    """The event as a reseller may read it."""
    data: dict[str, Any] = {
        name: value for name, value in event.data.items() if name not in WITHHELD
    }
    return event.model_copy(update={"data": data})
