"""What happens elsewhere that somebody gets a mail about."""

from services.mailer.consumers import auth
from shared.contracts.auth import (
    AccountEmailChanged,
    AccountInvited,
    NewDeviceUsed,
    PasswordChanged,
    PasswordResetReferred,
    PasswordResetRequested,
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
)
from shared.inbox import on

SUBSCRIPTIONS = [
    on(AccountEmailChanged, auth.account_email_changed),
    on(AccountInvited, auth.account_invited),
    on(NewDeviceUsed, auth.new_device_used),
    on(PasswordChanged, auth.password_changed),
    on(PasswordResetReferred, auth.password_reset_referred),
    on(PasswordResetRequested, auth.password_reset_requested),
    on(RecoveryCodesReplaced, auth.recovery_codes_replaced),
    on(RecoveryCodeUsed, auth.recovery_code_used),
    on(TotpActivated, auth.totp_activated),
    on(TotpRemoved, auth.totp_removed),
    on(TotpResetAsked, auth.totp_reset_asked),
]
