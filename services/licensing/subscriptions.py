"""Everything that licensing listens to."""

from typing import Final

from services.licensing.consumers import auth, reseller_portal, tenancy
from services.licensing.deps import Deps
from shared.contracts.auth import FirstAdminInvited
from shared.contracts.licensing import LicensingMessageRejected, LicensingMessageTaken
from shared.contracts.reseller_portal import ChecksumsCompared, LicenceOrderOrdered, RecordsCompared
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
    StaffLimited,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantRefused,
    TenantTransferred,
)
from shared.inbox import Subscription, on
from shared.sync import Judge

JUDGE: Final = Judge(LicensingMessageTaken, LicensingMessageRejected)

SUBSCRIPTIONS: Final[list[Subscription[Deps]]] = [
    JUDGE.on(ChecksumsCompared, reseller_portal.checksums_compared),
    JUDGE.on(RecordsCompared, reseller_portal.records_compared),
    JUDGE.on(LicenceOrderOrdered, reseller_portal.licence_order_ordered),
    on(FirstAdminInvited, auth.first_admin_invited),
    on(ResellerAuthorised, tenancy.reseller_changed),
    on(ResellerChanged, tenancy.reseller_changed),
    on(ResellerCreated, tenancy.reseller_changed),
    on(ResellerResumed, tenancy.reseller_changed),
    on(ResellerSuspended, tenancy.reseller_changed),
    on(ResellerTerminated, tenancy.reseller_changed),
    on(StaffLimited, tenancy.staff_limited),
    on(TenantCreated, tenancy.tenant_created),
    on(TenantDeleted, tenancy.tenant_deleted),
    on(TenantEdited, tenancy.tenant_edited),
    on(TenantRefused, tenancy.tenant_refused),
    on(TenantTransferred, tenancy.tenant_transferred),
]
