"""A tenant as its admin, its reseller and the vendor see it."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from services.tenancy.actions import tenants
from services.tenancy.deps import Deps
from services.tenancy.domain.email_domains import checked_domains
from services.tenancy.domain.licences import LicenceState
from services.tenancy.domain.tenants import Tenant, TenantEdit, TenantStatus
from shared.contracts.tenancy import PostalAddress
from shared.errors import ForbiddenError
from shared.etags import etag, expected_version
from shared.fields import Locale, TypedDomain, TypedName, must_be_printable
from shared.models import Model, Nothing
from shared.routing import Call, Reply

OwnNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(must_be_printable),
]
Aliases = Annotated[list[TypedName], Field(max_length=10)]
Domains = Annotated[list[TypedDomain], Field(max_length=20)]


Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class AddressBody(Model):
    """What is left out is not known."""

    street: TypedName | None = None
    postcode: Annotated[TypedName, StringConstraints(max_length=16)] | None = None
    city: TypedName | None = None
    country: Country | None = Field(None, description="Two letters of ISO 3166-1.")


class TenantChange(Model):
    """What to change; what is left out stays."""

    name: TypedName | None = None
    locale: Locale | None = None
    reseller_number: OwnNumber | None = Field(
        None, description="The reseller's own number for this customer; empty takes it away."
    )
    aliases: Aliases | None = None
    email_domains: Domains | None = None
    address: AddressBody | None = Field(
        None, description="Where the company is, for statements; all of it anew."
    )

    @field_validator("*", mode="before")
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
    aliases: list[str]
    email_domains: list[str]
    address: AddressBody
    status: TenantStatus
    delete_at: datetime | None = Field(description="While offboarding: when it is deleted.")
    locale: str
    sandbox: bool
    own_tenant: bool = Field(description="Whether it is its reseller's own.")
    licence_state: LicenceState
    licence_ends_on: date | None
    created_at: datetime


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[TenantView]:
    """Read a tenant."""
    tenant = await tenants.read_tenant(call.deps, call.path["tid"])
    return answer(tenant, call.deps.now())


async def edit(call: Call[Deps, TenantChange, Nothing]) -> Reply[TenantView]:
    """Change a tenant's name, language, address or domains, and what its reseller keeps about it.

    The reseller's number and aliases are not the tenant's own to change.
    """
    body, domains = call.body, call.body.email_domains
    change = TenantEdit(
        name=body.name,
        locale=body.locale,
        reseller_number=body.reseller_number,
        aliases=None if body.aliases is None else tuple(body.aliases),
        email_domains=None if domains is None else checked_domains(domains),
        address=PostalAddress(**body.address.model_dump()) if body.address else None,
    )
    if change.is_resellers and call.caller.org == call.path["tid"]:
        raise ForbiddenError
    was = expected_version(call.header("If-Match"))
    edited = await tenants.edit_tenant(call.deps, call.path["tid"], change, was=was)
    return answer(edited, call.deps.now())


def answer(tenant: Tenant, now: datetime) -> Reply[TenantView]:
    view = TenantView(
        id=tenant.id,
        name=tenant.name,
        reseller_id=tenant.reseller_id,
        reseller_number=tenant.reseller_number,
        aliases=list(tenant.aliases),
        email_domains=list(tenant.email_domains),
        address=AddressBody(**tenant.address.model_dump()),
        status=tenant.status,
        delete_at=tenant.delete_at,
        locale=tenant.locale,
        sandbox=tenant.sandbox,
        own_tenant=tenant.is_own,
        licence_state=tenant.licence_state(now),
        licence_ends_on=tenant.licence_ends_on,
        created_at=tenant.created_at,
    )
    return Reply(view, headers=etag(tenant.version))
