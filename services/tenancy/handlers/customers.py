"""The customers assigned to a reseller."""

from datetime import date, datetime

from pydantic import Field

from services.tenancy.actions import customers
from services.tenancy.deps import Deps
from services.tenancy.domain.customers import CustomerFilter, CustomerOrder
from services.tenancy.domain.email_domains import checked_domains
from services.tenancy.domain.licences import LicenceState
from services.tenancy.domain.tenant_states import TenantStatus
from services.tenancy.domain.tenants import Tenant
from services.tenancy.handlers.tenants import Aliases, Domains, TenantView, answer
from shared.contracts.tenancy import FirstAdmin
from shared.fields import Locale, TypedEmail, TypedName, TypedUsername
from shared.folding import folded
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply


class FirstAdminBody(Model):
    """Who is invited to manage a tenant."""

    username: TypedUsername
    email: TypedEmail
    display_name: TypedName | None = None
    locale: Locale | None = None

    def invited(self, locale: str) -> FirstAdmin:
        """With the language that is meant where none is said."""
        return FirstAdmin(
            username=self.username,
            email=self.email,
            display_name=self.display_name or self.username,
            locale=self.locale or locale,
        )


class CustomerBody(Model):
    name: TypedName
    locale: Locale = "de"
    reseller_number: TypedName | None = None
    aliases: Aliases = Field(default_factory=list)
    email_domains: Domains = Field(default_factory=list)
    admin: FirstAdminBody | None = Field(
        None, description="Who is invited to manage the tenant, which is then set up at once."
    )
    sandbox: bool = Field(
        default=False,
        strict=True,
        description="For trying things out: its licences follow a clock that can be moved ahead.",
    )


class CustomersQuery(PageQuery):
    search: str | None = Field(None, max_length=200, description="Start of a name or of an id.")
    licence_state: LicenceState | None = None
    sort: CustomerOrder = CustomerOrder.ID


class CustomerView(Model):
    id: str
    name: str
    reseller_number: str | None
    status: TenantStatus
    locale: str
    licence_state: LicenceState
    licence_ends_on: date | None


class CustomersView(Model):
    items: list[CustomerView]
    next_cursor: str | None


async def create(call: Call[Deps, CustomerBody, Nothing]) -> Reply[TenantView]:
    """Create a customer without ordering a licence."""
    body = call.body
    wanted = customers.NewCustomer(
        name=body.name,
        locale=body.locale,
        reseller_number=body.reseller_number,
        aliases=tuple(body.aliases),
        email_domains=checked_domains(body.email_domains),
        admin=body.admin.invited(body.locale) if body.admin else None,
        sandbox=body.sandbox,
    )
    made = await customers.create_customer(call.deps, call.path["rid"], wanted)
    shown = answer(made, call.deps.now())
    headers = {**shown.headers, "Location": f"/v1/tenants/{made.id}"}
    return Reply(shown.body, status=201, headers=headers)


async def list_all(call: Call[Deps, Nothing, CustomersQuery]) -> Reply[CustomersView]:
    """List a reseller's customers, with and without a valid licence."""
    query = call.query
    length = 2 if query.sort is CustomerOrder.NAME else 1
    which = CustomerFilter(
        order=query.sort,
        search=query.search,
        licence_state=query.licence_state,
        after=read_cursor(query.cursor, query.sort, length),
    )
    found = await customers.list_customers(call.deps, call.path["rid"], which, query.limit)
    page = cut(found, query.limit, lambda last: _mark(query.sort, last))
    now = call.deps.now()
    items = [_customer(tenant, now) for tenant in page.items]
    return Reply(CustomersView(items=items, next_cursor=page.next_cursor))


def _mark(order: CustomerOrder, last: Tenant) -> str:
    by_name = (folded(last.name),) if order is CustomerOrder.NAME else ()
    return write_cursor(order, *by_name, last.id)


def _customer(tenant: Tenant, now: datetime) -> CustomerView:
    return CustomerView(
        id=tenant.id,
        name=tenant.name,
        reseller_number=tenant.reseller_number,
        status=tenant.status,
        locale=tenant.locale,
        licence_state=tenant.licence_state(now),
        licence_ends_on=tenant.licence_ends_on,
    )
