"""A tenant as its admin, its reseller and the vendor see it."""

from datetime import date, datetime

from pydantic import field_validator

from services.tenancy.actions import tenants
from services.tenancy.deps import Deps
from services.tenancy.domain.licences import LicenceState
from services.tenancy.domain.tenants import Tenant, TenantStatus
from shared.etags import etag, expected_version
from shared.fields import Locale, TypedName
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class TenantChange(Model):
    """What to change; what is left out stays."""

    name: TypedName | None = None
    locale: Locale | None = None

    @field_validator("name", "locale", mode="before")
    @classmethod
    def _must_not_be_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("Leave the field out to keep it.")
        return value


class TenantView(Model):
    id: str
    name: str
    reseller_id: str
    reseller_number: str | None
    status: TenantStatus
    locale: str
    licence_state: LicenceState
    licence_ends_on: date | None
    created_at: datetime


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[TenantView]:
    """Read a tenant."""
    tenant = await tenants.read_tenant(call.deps, call.path["tid"])
    return _answer(tenant, call.deps.now())


async def edit(call: Call[Deps, TenantChange, Nothing]) -> Reply[TenantView]:
    """Change a tenant's name or language."""
    tenant = await tenants.edit_tenant(
        call.deps,
        call.path["tid"],
        was=expected_version(call.header("If-Match")),
        name=call.body.name,
        locale=call.body.locale,
    )
    return _answer(tenant, call.deps.now())


def _answer(tenant: Tenant, now: datetime) -> Reply[TenantView]:
    view = TenantView(
        id=tenant.id,
        name=tenant.name,
        reseller_id=tenant.reseller_id,
        reseller_number=tenant.reseller_number,
        status=tenant.status,
        locale=tenant.locale,
        licence_state=tenant.licence_state(now),
        licence_ends_on=tenant.licence_ends_on,
        created_at=tenant.created_at,
    )
    return Reply(view, headers=etag(tenant.version))
