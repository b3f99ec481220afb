"""Events that auth publishes: accounts, passwords, second factors, sessions."""

from datetime import datetime

from shared.contracts.events import Event, Service


class ForgottenPasswordReported(
    Event,
    type="portal.auth.forgotten_password.reported.v1",
    about="report_id",
    readers=(Service.AUTH,),
):
    """Somebody says that a password is forgotten; whether such an account exists is still open."""

    report_id: str
    username: str
    org: str | None = None


class PasswordResetRequested(
    Event,
    type="portal.auth.password_reset.requested.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """An account may set a new password with a one-time link."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str
    sealed_token: str
    """The link's token, sealed for the mailer (JWE, ECDH-ES with X25519)."""
    expires_at: datetime


class PasswordResetReferred(
    Event,
    type="portal.auth.password_reset.referred.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """The password of an RSP account lives in the Reseller Portal; its owner is told so."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str


class PasswordChanged(
    Event, type="portal.auth.password.changed.v1", about="account_id", readers=(Service.MAILER,)
):
    """An account has a new password; its owner gets a notice."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str
    changed_at: datetime


class AccountInvited(
    Event, type="portal.auth.account.invited.v1", about="account_id", readers=(Service.MAILER,)
):
    """An account waits for its owner to choose a password."""

    account_id: str
    org: str
    org_name: str
    username: str
    display_name: str
    email: str
    locale: str
    sealed_token: str
    """The link's token, sealed for the mailer (JWE, ECDH-ES with X25519)."""
    expires_at: datetime


class AccountDisabled(
    Event, type="portal.auth.account.disabled.v1", about="account_id", readers=(Service.GATEWAY,)
):
    """An account may no longer sign in, and what it was signed in to has ended."""

    account_id: str
    org: str


class SessionRevoked(
    Event, type="portal.auth.session.revoked.v1", about="session_id", readers=(Service.GATEWAY,)
):
    """A session has ended before its time: signed out, ended elsewhere, or a token was stolen."""

    session_id: str
    account_id: str
    org: str
    reason: str


class TotpActivated(
    Event, type="portal.auth.totp.activated.v1", about="account_id", readers=(Service.MAILER,)
):
    """An account has a second factor from now on; its owner gets a notice."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str
    activated_at: datetime


class TotpRemoved(
    Event, type="portal.auth.totp.removed.v1", about="account_id", readers=(Service.MAILER,)
):
    """An account has given up its second factor; its owner gets a notice."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str
    removed_at: datetime


class RecoveryCodeUsed(
    Event, type="portal.auth.recovery_code.used.v1", about="account_id", readers=(Service.MAILER,)
):
    """A recovery code stood in for the second factor; its owner gets a notice."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str
    used_at: datetime
    codes_left: int
