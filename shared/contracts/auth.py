"""Events that auth publishes: accounts, passwords, second factors, sessions."""

from datetime import datetime

from pydantic import BaseModel

from shared.contracts.events import Event, Outlet, Service
from shared.contracts.sync import ChecksumFacts, DriftFacts, MessageRejected, MessageTaken


class Addressed(BaseModel):
    """What the events that become a mail say of its recipient."""

    account_id: str
    org: str
    username: str
    email: str
    locale: str


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
    Addressed,
    Event,
    type="portal.auth.password_reset.requested.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """An account may set a new password with a one-time link."""

    sealed_token: str
    """The link's token, sealed for the mailer (JWE, ECDH-ES with X25519)."""
    expires_at: datetime


class PasswordResetReferred(
    Addressed,
    Event,
    type="portal.auth.password_reset.referred.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """The password of an RSP account lives in the Reseller Portal; its owner is told so."""


class PasswordChanged(
    Addressed,
    Event,
    type="portal.auth.password.changed.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account has a new password; its owner gets a notice."""

    changed_at: datetime


class AccountInvited(
    Event,
    type="portal.auth.account.invited.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
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


class FirstAdminInvited(
    Event,
    type="portal.auth.first_admin.invited.v1",
    about="order_id",
    readers=(Service.LICENSING,),
):
    """Whoever is to manage the customer that a licence order asked for is invited."""

    order_id: str
    reseller_id: str
    tenant_id: str
    account_id: str


class AccountDisabled(
    Event,
    type="portal.auth.account.disabled.v1",
    about="account_id",
    readers=(Service.GATEWAY, Service.TENANCY),
):
    """An account may no longer sign in, and what it was signed in to has ended."""

    account_id: str
    org: str


class AccountChanged(
    Event,
    type="portal.auth.account.changed.v1",
    about="account_id",
    readers=(Service.GATEWAY, Service.TENANCY),
):
    """An account's roles have changed; what was decided for it before is void."""

    account_id: str
    org: str
    roles: list[str]


class AccountRecorded(
    Addressed,
    Event,
    type="portal.auth.account.recorded.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account as it is now, after whatever changed of what is said here."""

    display_name: str
    roles: list[str]
    status: str
    """`invited`, `active` or `disabled`."""
    label: str | None = None
    has_second_factor: bool


class AccountDeleted(
    Event,
    type="portal.auth.account.deleted.v1",
    about="account_id",
    readers=(Service.GATEWAY, Service.MAILER, Service.TENANCY),
):
    """There is no such account any more."""

    account_id: str
    org: str


class PrimaryUserChanged(
    Event,
    type="portal.auth.primary_user.changed.v1",
    about="account_id",
    readers=(Service.TENANCY,),
):
    """Somebody else is a reseller's primary user now, who alone invites the others."""

    account_id: str
    org: str
    former_account_id: str | None = None


class AccountEmailChanged(
    Event,
    type="portal.auth.account_email.changed.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """An account has another e-mail address; whoever had the former one gets a notice there."""

    account_id: str
    org: str
    username: str
    email: str
    """The former address."""
    locale: str
    changed_at: datetime


class ApiKeyCreated(
    Event, type="portal.auth.api_key.created.v1", about="client_id", readers=(Service.TENANCY,)
):
    """A machine of an organisation may do something from now on."""

    client_id: str
    org: str
    name: str
    permissions: list[str]
    expires_at: datetime


class ApiKeyRotated(
    Event,
    type="portal.auth.api_key.rotated.v1",
    about="client_id",
    readers=(Service.GATEWAY, Service.TENANCY),
):
    """An API key has a new secret; the old one is good until the time that is said here."""

    client_id: str
    org: str
    name: str
    expires_at: datetime
    old_until: datetime


class ApiKeyRevoked(
    Event,
    type="portal.auth.api_key.revoked.v1",
    about="client_id",
    readers=(Service.GATEWAY, Service.TENANCY),
):
    """An API key has ended, and with it all tokens that were made with it."""

    client_id: str
    org: str
    name: str


class OrganisationClosed(
    Event, type="portal.auth.organisation.closed.v1", about="org", readers=(Service.GATEWAY,)
):
    """Nobody of an organisation is signed in any more, nor can sign in until it is opened again."""

    org: str


class SessionStarted(
    Event, type="portal.auth.session.started.v1", about="session_id", readers=(Service.TENANCY,)
):
    """Somebody has signed in completely."""

    session_id: str
    account_id: str
    org: str
    method: str
    """What was shown, as in `amr` (RFC 8176), with spaces between."""


class SignInRefused(
    Event, type="portal.auth.sign_in.refused.v1", about="whom", readers=(Service.TENANCY,)
):
    """Sign-ins were refused: of an account within a minute, or within an hour of all names together
    that no account of the organisation has.
    """

    whom: str
    """The account, or the organisation."""
    account_id: str | None = None
    org: str
    method: str
    """`password`, `code`, `passkey` or `rsp` (at the Reseller Portal)."""
    count: int
    held_back: bool
    """Whether it came so far that further tries had to wait."""
    since: datetime


class SessionRevoked(
    Event,
    type="portal.auth.session.revoked.v1",
    about="session_id",
    readers=(Service.GATEWAY, Service.TENANCY),
):
    """A session has ended before its time: signed out, ended elsewhere, or a token was stolen."""

    session_id: str
    account_id: str
    org: str
    reason: str


class NewDeviceUsed(
    Addressed,
    Event,
    type="portal.auth.new_device.used.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """Somebody has signed in from a device that was never used for this account; its owner is
    told.
    """

    session_id: str
    used_at: datetime
    browser: str | None = None
    """Or the program, as far as its User-Agent tells; without a version."""
    system: str | None = None
    """The operating system, as far as the User-Agent tells."""


class PasskeyRegistered(
    Addressed,
    Event,
    type="portal.auth.passkey.registered.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account may be signed in to with one more passkey; its owner gets a notice."""

    passkey_id: str
    name: str
    registered_at: datetime


class PasskeyRemoved(
    Addressed,
    Event,
    type="portal.auth.passkey.removed.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """A passkey opens an account no longer, given up or taken off; its owner gets a notice."""

    passkey_id: str
    name: str
    removed_at: datetime
    is_last_factor: bool = False
    """Whether its owner has no second factor any more."""
    reason: str | None = None
    """Why it was taken off, where somebody else did that, with all other factors."""


class PasskeySuspected(
    Addressed,
    Event,
    type="portal.auth.passkey.suspected.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """A passkey was refused whose counter had not grown: somebody may have a copy of it."""

    passkey_id: str
    name: str
    suspected_at: datetime


class TotpActivated(
    Addressed,
    Event,
    type="portal.auth.totp.activated.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account has an authenticator app as a second factor; its owner gets a notice."""

    activated_at: datetime


class TotpDeadlineAnnounced(
    Addressed,
    Event,
    type="portal.auth.totp_deadline.announced.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """An account has no second factor yet and soon can't be used without; its owner is reminded."""

    deadline: datetime


class TotpRemoved(
    Addressed,
    Event,
    type="portal.auth.totp.removed.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account has no authenticator app any more, given up, or taken off with all other factors;
    its owner gets a notice.
    """

    removed_at: datetime
    reason: str | None = None
    """Why it was taken off, where somebody else did that."""
    passkeys_left: int = 0
    """What is still a second factor of the account."""


class TotpResetAsked(
    Addressed,
    Event,
    type="portal.auth.totp_reset.asked.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """The second factor of an account is to be taken off; its owner is told and may stop that."""

    reset_id: str
    reason: str
    asked_at: datetime
    due_at: datetime
    sealed_token: str | None = None
    """The token that stops it, sealed for the mailer."""


class TotpResetDone(
    Event, type="portal.auth.totp_reset.done.v1", about="account_id", readers=(Service.TENANCY,)
):
    """The wait was over and nobody had stopped it: the second factor was taken off."""

    account_id: str
    org: str
    reset_id: str
    reason: str


class TotpResetStopped(
    Event, type="portal.auth.totp_reset.stopped.v1", about="account_id", readers=(Service.TENANCY,)
):
    """The owner of an account keeps the second factor that was to be taken off."""

    account_id: str
    org: str
    reset_id: str
    reason: str


class RecoveryCodesReplaced(
    Addressed,
    Event,
    type="portal.auth.recovery_codes.replaced.v1",
    about="account_id",
    readers=(Service.MAILER, Service.TENANCY),
):
    """An account has new recovery codes, the old ones are void; its owner gets a notice."""

    replaced_at: datetime


class RecoveryCodeUsed(
    Addressed,
    Event,
    type="portal.auth.recovery_code.used.v1",
    about="account_id",
    readers=(Service.MAILER,),
):
    """A recovery code stood in for the second factor; its owner gets a notice."""

    used_at: datetime
    codes_left: int


class AuthMessageTaken(
    MessageTaken,
    Event,
    type="portal.auth.sync_message.taken.v1",
    about="record",
    readers=(Service.TENANCY,),
):
    """What the Reseller Portal said of something that auth owns was applied, or ignored."""


class AuthMessageRejected(
    MessageRejected,
    Event,
    type="portal.auth.sync_message.rejected.v1",
    about="record",
    readers=(Service.TENANCY,),
    outlets=(Outlet.REJECTED,),
):
    """What the Reseller Portal said of something that auth owns can't be applied, and why."""


class AuthChecksumsReported(
    ChecksumFacts,
    Event,
    type="portal.auth.checksums.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What auth has of a reseller comes to this, beside what the Reseller Portal has."""


class AuthDriftReported(
    DriftFacts,
    Event,
    type="portal.auth.drift.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What auth has of a reseller was compared with what the Reseller Portal has."""


class PersonRecorded(
    Event,
    type="portal.auth.person.recorded.v1",
    about="user_id",
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """Somebody of a reseller's staff as it is now, for the Reseller Portal."""

    user_id: str
    """As the Reseller Portal calls its own people; for others the account's id."""
    reseller_id: str
    username: str
    email: str
    display_name: str
    locale: str
    roles: list[str]
    status: str
    """invited, active, disabled, or deleted: then it is to be forgotten."""
    label: str | None = None
