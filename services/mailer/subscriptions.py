"""What happens elsewhere that somebody gets a mail about."""

from services.mailer.consumers import auth, licensing, tenancy
from shared.contracts.auth import (
    AccountDeleted,
    AccountEmailChanged,
    AccountInvited,
    AccountRecorded,
    NewDeviceUsed,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeySuspected,
    PasswordChanged,
    PasswordResetReferred,
    PasswordResetRequested,
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
)
from shared.contracts.licensing import LicenceOrderFulfilled, LicenceOrderRejected
from shared.contracts.tenancy import (
    OffboardingBegun,
    OffboardingCancelled,
    ResellerSettingsChanged,
    TenantCreated,
    TenantDeleted,
    TenantResumed,
    TenantSettingsChanged,
    TenantSuspended,
    VendorSettingsChanged,
)
from shared.inbox import on

SUBSCRIPTIONS = [
    on(AccountDeleted, auth.account_deleted),
    on(AccountEmailChanged, auth.account_email_changed),
    on(AccountInvited, auth.account_invited),
    on(NewDeviceUsed, auth.new_device_used),
    on(AccountRecorded, auth.account_recorded),
    on(LicenceOrderFulfilled, licensing.licence_order_fulfilled),
    on(LicenceOrderRejected, licensing.licence_order_rejected),
    on(OffboardingBegun, tenancy.tenant_moved),
    on(OffboardingCancelled, tenancy.tenant_moved),
    on(PasskeyRegistered, auth.passkey_registered),
    on(PasskeyRemoved, auth.passkey_removed),
    on(PasskeySuspected, auth.passkey_suspected),
    on(PasswordChanged, auth.password_changed),
    on(PasswordResetReferred, auth.password_reset_referred),
    on(PasswordResetRequested, auth.password_reset_requested),
    on(RecoveryCodesReplaced, auth.recovery_codes_replaced),
    on(RecoveryCodeUsed, auth.recovery_code_used),
    on(ResellerSettingsChanged, tenancy.settings_changed),
    on(TenantCreated, tenancy.tenant_created),
    on(TenantDeleted, tenancy.tenant_deleted),
    on(TenantResumed, tenancy.tenant_moved),
    on(TenantSettingsChanged, tenancy.settings_changed),
    on(TenantSuspended, tenancy.tenant_moved),
    on(TotpActivated, auth.totp_activated),
    on(TotpRemoved, auth.totp_removed),
    on(TotpResetAsked, auth.totp_reset_asked),
    on(VendorSettingsChanged, tenancy.settings_changed),
]
