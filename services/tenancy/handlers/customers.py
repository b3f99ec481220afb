"""The customers assigned to a reseller."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from services.tenancy.actions import customers
from services.tenancy.deps import Deps
from services.tenancy.domain.customer_csv import csv_line
from services.tenancy.domain.customers import (
    Coverage,
    CustomerFilter,
    CustomerOrder,
    coverage,
    last_day,
)
from services.tenancy.domain.email_domains import checked_domains
from services.tenancy.domain.licences import LicenceState
from services.tenancy.domain.tenants import Tenant, TenantStatus
from services.tenancy.handlers.tenants import Aliases, Domains, TenantView, answer
from shared.contracts.tenancy import FirstAdmin
from shared.fields import Locale, TypedEmail, TypedName, TypedUsername
from shared.folding import folded
from shared.models import Model, Nothing, Text
from shared.paging import PageQuery, cut, read_cursor, read_instant, write_cursor
from shared.routing import Call, Reply

_AT_ONCE: Final = 200
_HOME: Final = ZoneInfo("Europe/Berlin")
"""Where the days of licences are counted."""


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
    own_tenant: bool = Field(
        default=False,
        strict=True,
        description="The reseller's own, of which there is one: only there go `nfr` licences.",
    )


class CustomersQuery(PageQuery):
    search: str | None = Field(
        None, max_length=200, description="Start of a name, alias, id or own number."
    )
    licence_state: LicenceState | None = None
    two_factor: Coverage | None = Field(
        None, description="How many of the users who may sign in have a second factor."
    )
    days_left: int | None = Field(
        None,
        ge=0,
        le=36500,
        description="Only those whose last licence ends from today on and in so many days at "
        "most; the list is then sorted by that and in no other way.",
    )
    sort: CustomerOrder | None = Field(None, description="By `id` where nothing is said.")

    @model_validator(mode="after")
    def _days_left_has_its_order(self) -> "CustomersQuery":
        if self.days_left is not None and self.sort not in {None, CustomerOrder.DAYS_LEFT}:
            raise ValueError("A list of those with few days left is sorted by days_left.")
        return self

    @property
    def order(self) -> CustomerOrder:
        default = CustomerOrder.ID if self.days_left is None else CustomerOrder.DAYS_LEFT
        return self.sort or default


class CustomerView(Model):
    id: str
    name: str
    reseller_number: str | None
    status: TenantStatus
    locale: str
    licence_state: LicenceState
    licence_ends_on: date | None
    aliases: list[str]
    users: int = Field(description="Users who may sign in.")
    users_with_factor: int
    two_factor: Coverage
    created_at: datetime
    own_tenant: bool = Field(description="Whether it is the reseller's own.")


class CustomersCsv(Text):
    """Columns as in the list; UTF-8, CRLF, with a header."""

    media_type: ClassVar[str] = "text/csv"


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
        is_own=body.own_tenant,
    )
    made = await customers.create_customer(
        call.deps, call.path["rid"], wanted, by=call.caller.subject
    )
    shown = answer(made, call.deps.now())
    headers = {**shown.headers, "Location": f"/v1/tenants/{made.id}"}
    return Reply(shown.body, status=201, headers=headers)


async def list_all(call: Call[Deps, Nothing, CustomersQuery]) -> Reply[CustomersView]:
    """List a reseller's customers, with and without a valid licence."""
    query, by = call.query, call.caller.subject
    found = await customers.list_customers(
        call.deps, call.path["rid"], _which(call), query.limit, by=by
    )
    page = cut(found, query.limit, lambda last: _mark(query.order, last))
    now = call.deps.now()
    items = [_customer(tenant, now) for tenant in page.items]
    return Reply(CustomersView(items=items, next_cursor=page.next_cursor))


async def give_out(call: Call[Deps, Nothing, CustomersQuery]) -> Reply[CustomersCsv]:
    """Export customers as CSV, all that the query finds; cells that look like formulas are made
    harmless.
    """
    order, which = call.query.order, _which(call)
    now, text = call.deps.now(), [csv_line(CustomerView.model_fields)]
    while True:
        found = await customers.list_customers(
            call.deps, call.path["rid"], which, _AT_ONCE, by=call.caller.subject
        )
        page = cut(found, _AT_ONCE, lambda last: _mark(order, last))
        text += [
            csv_line(_customer(one, now).model_dump(mode="json").values()) for one in page.items
        ]
        if page.next_cursor is None:
            break
        which = replace(which, after=_position(page.next_cursor, order))
    headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
    return Reply(CustomersCsv("".join(text)), headers=headers)


def _which(call: Call[Deps, Nothing, CustomersQuery]) -> CustomerFilter:
    query, today = call.query, call.deps.now().astimezone(_HOME).date()
    days = query.days_left
    return CustomerFilter(
        order=query.order,
        search=query.search,
        licence_state=query.licence_state,
        coverage=query.two_factor,
        ends_from=today if days is not None else None,
        ends_by=today + timedelta(days=days) if days is not None else None,
        after=_position(query.cursor, query.order),
    )


def _position(cursor: str | None, order: CustomerOrder) -> tuple[str, ...] | None:
    found = read_cursor(cursor, order, 1 if order is CustomerOrder.ID else 2)
    if found is not None and order is CustomerOrder.CREATED:
        read_instant(found[0])
    return found


def _mark(order: CustomerOrder, last: Tenant) -> str:
    match order:
        case CustomerOrder.ID:
            return write_cursor(order, last.id)
        case CustomerOrder.NAME:
            return write_cursor(order, folded(last.name), last.id)
        case CustomerOrder.CREATED:
            return write_cursor(order, last.created_at.isoformat(), last.id)
        case CustomerOrder.DAYS_LEFT:
            return write_cursor(order, last_day(last.licences).isoformat(), last.id)


def _customer(tenant: Tenant, now: datetime) -> CustomerView:
    return CustomerView(
        id=tenant.id,
        name=tenant.name,
        reseller_number=tenant.reseller_number,
        status=tenant.status,
        locale=tenant.locale,
        licence_state=tenant.licence_state(now),
        licence_ends_on=tenant.licence_ends_on,
        aliases=list(tenant.aliases),
        users=tenant.users,
        users_with_factor=tenant.users_with_factor,
        two_factor=coverage(tenant.users, tenant.users_with_factor),
        created_at=tenant.created_at,
        own_tenant=tenant.is_own,
    )
