"""Events that tenancy publishes: resellers, tenants, and who may see which."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.events import Event, Outlet, Service
from shared.contracts.sync import ChecksumFacts, DriftFacts, MessageRejected, MessageTaken


class FirstAdmin(BaseModel):
    """Who is invited to manage a new tenant or reseller."""

    model_config = ConfigDict(frozen=True)

    username: str
    email: str
    display_name: str
    locale: str


class PostalAddress(BaseModel):
    """Where a company is; what is not known is None."""

    model_config = ConfigDict(frozen=True)

    street: str | None = None
    """Street and number, or what stands there in their stead."""
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    """Two letters of ISO 3166-1."""


class ResellerCreated(
    Event,
    type="portal.tenancy.reseller.created.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING),
):
    """There is a new reseller; once authorised it may have customers and order licences."""

    reseller_id: str
    name: str
    locale: str
    status: str = "authorised"
    primary_user: FirstAdmin | None = None
    """Who is invited first and then invites the others."""


class ResellerFacts(BaseModel):
    """All that others may know of a reseller, as it is after what happened."""

    reseller_id: str
    name: str
    locale: str
    status: str
    """prospect, authorised, suspended or terminated."""
    email_domains: list[str] | None = None
    """All of them as they are now; None where nothing is said of them."""


class ResellerChanged(
    ResellerFacts,
    Event,
    type="portal.tenancy.reseller.changed.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING),
):
    """A reseller has another name or language."""


class ResellerAuthorised(
    ResellerFacts,
    Event,
    type="portal.tenancy.reseller.authorised.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """A prospect may from now on have customers and order licences for them."""

    reason: str


class ResellerSuspended(
    ResellerFacts,
    Event,
    type="portal.tenancy.reseller.suspended.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """Nobody of a reseller's staff may do anything until it is resumed."""

    reason: str


class ResellerResumed(
    ResellerFacts,
    Event,
    type="portal.tenancy.reseller.resumed.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """A suspended reseller is authorised again."""

    reason: str


class ResellerTerminated(
    ResellerFacts,
    Event,
    type="portal.tenancy.reseller.terminated.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """A reseller is none any more, for good."""

    reason: str


class TenantCreated(
    Event,
    type="portal.tenancy.tenant.created.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """A customer has a tenant of its own, assigned to a reseller."""

    tenant_id: str
    name: str
    reseller_id: str
    locale: str
    order_id: str | None = None
    """The licence order that asked for this customer, where one did."""
    first_admin: FirstAdmin | None = None
    reseller_number: str | None = None
    """The reseller's own number for the customer."""
    status: str = "active"
    sandbox: bool = False
    """Whether it is for trying things out, with a clock of its own."""
    own_tenant: bool = False
    """Whether it is the reseller's own, where licences for its own use go."""
    email_domains: list[str] | None = None


class TenantFacts(BaseModel):
    """All that others may know of a tenant, as it is after what happened."""

    tenant_id: str
    name: str
    reseller_id: str
    locale: str
    status: str
    """not_configured, active, suspended, offboarding or deleted."""


class TenantConfigured(
    TenantFacts,
    Event,
    type="portal.tenancy.tenant.configured.v1",
    about="tenant_id",
    readers=(Service.AUTH,),
):
    """A tenant that was only known so far may be used."""

    first_admin: FirstAdmin | None = None


class TenantSuspended(
    TenantFacts,
    Event,
    type="portal.tenancy.tenant.suspended.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """Nobody of a tenant may sign in until it is resumed; its reseller still sees it."""

    reason: str


class TenantResumed(
    TenantFacts,
    Event,
    type="portal.tenancy.tenant.resumed.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """A suspended tenant may be used again."""

    reason: str


class OffboardingBegun(
    TenantFacts,
    Event,
    type="portal.tenancy.offboarding.begun.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """A tenant is on its way out: closed now, deleted later unless that is cancelled."""

    reason: str
    delete_at: datetime


class OffboardingCancelled(
    TenantFacts,
    Event,
    type="portal.tenancy.offboarding.cancelled.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """A tenant stays and is what it was before."""

    reason: str


class TenantDeleted(
    Event,
    type="portal.tenancy.tenant.deleted.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """There is no such tenant any more; every reader deletes what it has of it."""

    tenant_id: str
    name: str
    """As it was called, for the last mail to its administrators and its reseller's."""
    reseller_id: str


class TenantTransferred(
    TenantFacts,
    Event,
    type="portal.tenancy.tenant.transferred.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.LICENSING, Service.MAILER),
):
    """A customer belongs to another reseller now; what the former one gave out there ends."""

    former_reseller_id: str
    reason: str


class TenantEdited(
    Event,
    type="portal.tenancy.tenant.edited.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.LICENSING),
):
    """A tenant has another name, language, number, alias, address or domain; all as it is now."""

    tenant_id: str
    name: str
    locale: str
    status: str = "active"
    reseller_number: str | None = None
    address: PostalAddress | None = None
    email_domains: list[str] | None = None


class TenantRefused(
    Event,
    type="portal.tenancy.tenant.refused.v1",
    about="order_id",
    readers=(Service.LICENSING,),
):
    """A customer that a licence order asked for can't be had."""

    order_id: str
    reseller_id: str
    reason: str


class ChangesFiled(
    Event, type="portal.tenancy.changes.filed.v1", about="log", readers=(Service.GATEWAY,)
):
    """Changes in these organisations may be read from the log that streams follow."""

    log: str = "changes"
    orgs: list[str]


class TenantAccessChanged(
    Event,
    type="portal.tenancy.tenant.access_changed.v1",
    about="tenant_id",
    readers=(Service.GATEWAY,),
):
    """Who may see this tenant may have changed; what was decided before is void."""

    tenant_id: str
    reseller_id: str


class StaffLimited(
    Event,
    type="portal.tenancy.staff.limited.v1",
    about="account_id",
    readers=(Service.GATEWAY, Service.LICENSING),
):
    """Somebody of a reseller's staff has these customers from now on and no others."""

    account_id: str
    reseller_id: str
    customers: list[str] | None = None
    """None for all of them."""


class Decided(BaseModel):
    """What an organisation has decided itself, all of it, as it is now; None leaves it as above.

    Whoever reads it keeps all three levels (vendor, reseller, tenant) and resolves them when they
    are asked for: of dates and durations the least counts, of the others the nearest.
    """

    model_config = ConfigDict(frozen=True)

    totp_required_from: datetime | None = None
    """From when on everybody there needs a second factor."""
    locale: str | None = None
    session_idle: timedelta | None = None
    session_absolute: timedelta | None = None
    notice_recipients: list[str] | None = None


class TenantSettingsChanged(
    Decided,
    Event,
    type="portal.tenancy.tenant.settings_changed.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """A tenant has decided something for itself; all of its settings as they are now."""

    tenant_id: str


class ResellerSettingsChanged(
    Decided,
    Event,
    type="portal.tenancy.reseller.settings_changed.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """A reseller has decided something for itself and its tenants."""

    reseller_id: str


class VendorSettingsChanged(
    Decided,
    Event,
    type="portal.tenancy.vendor.settings_changed.v1",
    about="vendor_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """The vendor has decided something for all."""

    vendor_id: str


class DelegationChanged(
    Event,
    type="portal.tenancy.delegation.changed.v1",
    about="tenant_id",
    readers=(Service.AUTH,),
):
    """A customer has decided what its reseller may do day by day: full, read_only or none."""

    tenant_id: str
    reseller_id: str
    level: str


class AccessFacts(BaseModel):
    """A time-limited access of a reseller to a customer, as it is after what happened."""

    access_id: str
    tenant_id: str
    reseller_id: str
    roles: list[str]
    reason: str
    until: datetime | None = None
    """When it ends, once approved."""


class AccessRequested(
    AccessFacts,
    Event,
    type="portal.tenancy.access.requested.v1",
    about="access_id",
    readers=(Service.MAILER,),
):
    """A reseller asks a customer for access; the customer's administrators are told."""

    duration: str


class AccessApproved(
    AccessFacts, Event, type="portal.tenancy.access.approved.v1", about="access_id"
):
    """A customer has granted access for a time."""


class AccessDenied(AccessFacts, Event, type="portal.tenancy.access.denied.v1", about="access_id"):
    """A customer has denied access."""


class AccessWithdrawn(
    AccessFacts, Event, type="portal.tenancy.access.withdrawn.v1", about="access_id"
):
    """A reseller asks for this access no more."""


class AccessLapsed(AccessFacts, Event, type="portal.tenancy.access.lapsed.v1", about="access_id"):
    """Nobody has answered for 90 days."""


class AccessEndAnnounced(
    AccessFacts,
    Event,
    type="portal.tenancy.access_end.announced.v1",
    about="access_id",
    readers=(Service.MAILER,),
):
    """An access ends soon; both sides are told."""

    days_left: int


class AccessEnded(
    AccessFacts,
    Event,
    type="portal.tenancy.access.ended.v1",
    about="access_id",
    readers=(Service.AUTH, Service.MAILER),
):
    """An access has ended, by its time or because one of the sides wished so; both are told."""


class SupportAccessBegun(Event, type="portal.tenancy.support_access.begun.v1", about="access_id"):
    """Somebody of the vendor's support has entered a tenant."""

    access_id: str
    tenant_id: str
    account_id: str
    reason: str
    until: datetime


class SupportAccessEnded(Event, type="portal.tenancy.support_access.ended.v1", about="access_id"):
    """A customer has shown somebody of the vendor's support out."""

    access_id: str
    tenant_id: str
    account_id: str


class WebhookFacts(BaseModel):
    """A webhook that something happened to; where it points to is nobody else's business."""

    webhook_id: str
    reseller_id: str
    name: str


class WebhookCreated(
    WebhookFacts, Event, type="portal.tenancy.webhook.created.v1", about="webhook_id"
):
    """A reseller's own program is told of events from now on."""


class WebhookChanged(
    WebhookFacts, Event, type="portal.tenancy.webhook.changed.v1", about="webhook_id"
):
    """A webhook was edited, paused or made active again."""

    state: str
    """active or paused."""
    fields: list[str]


class WebhookDeleted(
    WebhookFacts, Event, type="portal.tenancy.webhook.deleted.v1", about="webhook_id"
):
    """A webhook is gone, with all that waited for it."""


class WebhookSecretRotated(
    WebhookFacts, Event, type="portal.tenancy.webhook_secret.rotated.v1", about="webhook_id"
):
    """A webhook's deliveries are signed with another secret, for a while also with the old one."""


class WebhookTested(
    WebhookFacts, Event, type="portal.tenancy.webhook.tested.v1", about="webhook_id"
):
    """Somebody tries out a webhook; it is told of this, too, and of nothing else by it."""


class WebhookReplayed(
    WebhookFacts, Event, type="portal.tenancy.webhook.replayed.v1", about="webhook_id"
):
    """What happened in a while is delivered to a webhook again."""

    since: datetime
    until: datetime
    count: int


class WebhookFailureAnnounced(
    WebhookFacts,
    Event,
    type="portal.tenancy.webhook_failure.announced.v1",
    about="webhook_id",
    readers=(Service.MAILER,),
):
    """Nothing has got through to a webhook for long; its reseller is told once."""

    since: datetime


class WebhookEnded(
    WebhookFacts,
    Event,
    type="portal.tenancy.webhook.ended.v1",
    about="webhook_id",
    readers=(Service.MAILER,),
):
    """A webhook's receiver has answered 410, so nothing is sent there any more."""


class TenancyMessageTaken(
    MessageTaken,
    Event,
    type="portal.tenancy.sync_message.taken.v1",
    about="record",
    readers=(Service.TENANCY,),
):
    """What the Reseller Portal said of something that tenancy owns was applied, or ignored."""


class TenancyMessageRejected(
    MessageRejected,
    Event,
    type="portal.tenancy.sync_message.rejected.v1",
    about="record",
    readers=(Service.TENANCY,),
    outlets=(Outlet.REJECTED,),
):
    """What the Reseller Portal said of something that tenancy owns can't be applied, and why."""


class SyncTroubleAnnounced(
    Event,
    type="portal.tenancy.sync_trouble.announced.v1",
    about="cause",
    readers=(Service.MAILER,),
):
    """The synchronisation with the Reseller Portal needs a person. Told once a day per cause."""

    cause: str
    """The reason of rejections, as in `sync_message.rejected`; `drift` where records stay different
    although they were sent again.
    """
    how: Literal["rejected", "differing"]
    reseller_id: str | None = None
    """The company of one of them, as the Reseller Portal says."""
    record: str
    """One of them."""
    count: int
    """How many there are: rejections since this cause was told last; of differing records those of
    this company.
    """


class TenancyChecksumsReported(
    ChecksumFacts,
    Event,
    type="portal.tenancy.checksums.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What tenancy has of a reseller comes to this, beside what the Reseller Portal has."""


class TenancyDriftReported(
    DriftFacts,
    Event,
    type="portal.tenancy.drift.reported.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """What tenancy has of a reseller was compared with what the Reseller Portal has."""


class CompanyRecorded(
    Event,
    type="portal.tenancy.company.recorded.v1",
    about="reseller_id",
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """A reseller as it is now, for the Reseller Portal."""

    reseller_id: str
    name: str
    locale: str
    status: str
    """prospect, authorised, suspended or terminated."""


class CustomerRecorded(
    Event,
    type="portal.tenancy.customer.recorded.v1",
    about="tenant_id",
    outlets=(Outlet.RESELLER_PORTAL,),
):
    """A customer as it is now, for the Reseller Portal."""

    tenant_id: str
    reseller_id: str
    """Whose it is; another one than before where it was transferred."""
    name: str
    locale: str
    status: str
    """not_configured, active, suspended, offboarding, or deleted: then it is to be forgotten, with
    its licences.
    """
    reseller_number: str | None = None
