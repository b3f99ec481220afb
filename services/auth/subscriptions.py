"""What happens elsewhere that auth acts on."""

from services.auth.consumers import auth, reseller_portal, tenancy
from shared.contracts.auth import (
    AuthMessageRejected,
    AuthMessageTaken,
    ForgottenPasswordReported,
)
from shared.contracts.reseller_portal import (
    ChecksumsCompared,
    RecordsCompared,
    UserRemoved,
    UserUpserted,
)
from shared.contracts.tenancy import (
    AccessEnded,
    DelegationChanged,
    OffboardingBegun,
    OffboardingCancelled,
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSettingsChanged,
    ResellerSuspended,
    ResellerTerminated,
    TenantConfigured,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantResumed,
    TenantSettingsChanged,
    TenantSuspended,
    TenantTransferred,
    VendorSettingsChanged,
)
from shared.inbox import on
from shared.sync import Judge

JUDGE = Judge(AuthMessageTaken, AuthMessageRejected)

SUBSCRIPTIONS = [
    JUDGE.on(ChecksumsCompared, reseller_portal.checksums_compared),
    JUDGE.on(RecordsCompared, reseller_portal.records_compared),
    JUDGE.on(UserRemoved, reseller_portal.user_removed),
    JUDGE.on(UserUpserted, reseller_portal.user_upserted),
    on(AccessEnded, tenancy.access_ended),
    on(DelegationChanged, tenancy.delegation_changed),
    on(ForgottenPasswordReported, auth.forgotten_password_reported),
    on(OffboardingBegun, tenancy.tenant_changed),
    on(OffboardingCancelled, tenancy.tenant_changed),
    on(ResellerAuthorised, tenancy.reseller_changed),
    on(ResellerChanged, tenancy.reseller_changed),
    on(ResellerCreated, tenancy.reseller_created),
    on(ResellerResumed, tenancy.reseller_changed),
    on(ResellerSettingsChanged, tenancy.settings_changed),
    on(ResellerSuspended, tenancy.reseller_changed),
    on(ResellerTerminated, tenancy.reseller_changed),
    on(TenantEdited, tenancy.tenant_edited),
    on(TenantCreated, tenancy.tenant_created),
    on(TenantSettingsChanged, tenancy.settings_changed),
    on(VendorSettingsChanged, tenancy.settings_changed),
    on(TenantDeleted, tenancy.tenant_deleted),
    on(TenantResumed, tenancy.tenant_changed),
    on(TenantConfigured, tenancy.tenant_configured),
    on(TenantSuspended, tenancy.tenant_changed),
    on(TenantTransferred, tenancy.tenant_transferred),
]
