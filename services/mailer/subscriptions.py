"""What happens elsewhere that somebody gets a mail about."""

from services.mailer.consumers import auth
from shared.contracts.auth import (
    AccountInvited,
    PasswordChanged,
    PasswordResetReferred,
    PasswordResetRequested,
    RecoveryCodeUsed,
    TotpActivated,
    TotpRemoved,
)
from shared.inbox import on

SUBSCRIPTIONS = [
    on(AccountInvited, auth.account_invited),
    on(PasswordChanged, auth.password_changed),
    on(PasswordResetReferred, auth.password_reset_referred),
    on(PasswordResetRequested, auth.password_reset_requested),
    on(RecoveryCodeUsed, auth.recovery_code_used),
    on(TotpActivated, auth.totp_activated),
    on(TotpRemoved, auth.totp_removed),
]
