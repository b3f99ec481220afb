"""Events that tenancy publishes: resellers, tenants, and who may see which."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.contracts.events import Event, Service


class ResellerCreated(
    Event,
    type="portal.tenancy.reseller.created.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING),
):
    """A reseller may from now on have customers and order licences for them."""

    reseller_id: str
    name: str
    locale: str


class FirstAdmin(BaseModel):
    """Who is invited to manage a new tenant."""

    model_config = ConfigDict(frozen=True)

    username: str
    email: str
    display_name: str
    locale: str


class TenantCreated(
    Event,
    type="portal.tenancy.tenant.created.v1",
    about="tenant_id",
    readers=(Service.AUTH, Service.LICENSING),
):
    """A customer has a tenant of its own, assigned to a reseller."""

    tenant_id: str
    name: str
    reseller_id: str
    locale: str
    order_id: str | None = None
    """The licence order that asked for this customer, where one did."""
    first_admin: FirstAdmin | None = None


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


class TenantAccessChanged(
    Event,
    type="portal.tenancy.tenant.access_changed.v1",
    about="tenant_id",
    readers=(Service.GATEWAY,),
):
    """Who may see this tenant may have changed; what was decided before is void."""

    tenant_id: str
    reseller_id: str


class TenantSettingsChanged(
    Event,
    type="portal.tenancy.tenant.settings_changed.v1",
    about="tenant_id",
    readers=(Service.AUTH,),
):
    """A tenant has decided something for itself; all of its settings as they are now."""

    tenant_id: str
    totp_required_from: datetime | None = None
    """From when on everybody there needs a second factor, where it has a date of its own."""
