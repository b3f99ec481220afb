"""Licence orders of a reseller."""

from datetime import datetime

from pydantic import Field, model_validator

from services.licensing.actions.orders import list_orders, place_order, read_order, sell_licence
from services.licensing.deps import Deps
from services.licensing.domain.orders import Order, OrderStatus, OrderStep, Terms, Wish
from services.licensing.domain.products import LicenceModel
from services.licensing.handlers.licences import LicenceView, Months, Seats, licence_view
from shared.contracts.licensing import NewCustomer
from shared.etags import etag
from shared.fields import Locale, TypedEmail, TypedName, TypedUsername
from shared.formats import TypedDay
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply


class AdminBody(Model):
    """Who is invited to manage the new customer's tenant."""

    username: TypedUsername
    email: TypedEmail
    display_name: TypedName | None = None


class NewCustomerBody(Model):
    name: TypedName
    locale: Locale = "de"
    reseller_number: TypedName | None = None
    admin: AdminBody


class CustomerBody(Model):
    """A customer that exists, or a new one."""

    tenant_id: TypedOrg | None = None
    new: NewCustomerBody | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "CustomerBody":
        if (self.tenant_id is None) == (self.new is None):
            raise ValueError("Give either tenant_id or new.")
        return self


class TermsBody(Model):
    """What is wanted; a model other than `term` has no months, and `msp` no seats."""

    product: str = Field(max_length=64)
    model: LicenceModel = LicenceModel.TERM
    seats: Seats | None = None
    term_months: Months | None = None
    co_term: bool = Field(
        False,  # noqa: FBT003 a default
        description="End with the customer's licence of this product instead of after months.",
    )
    starts_on: TypedDay | None = Field(None, description="Today where it is not given.")
    order_number: TypedName | None = Field(None, description="The reseller's own.")

    def terms(self) -> Terms:
        return Terms(
            product=self.product,
            model=self.model,
            seats=self.seats,
            term_months=self.term_months,
            co_term=self.co_term,
            starts_on=self.starts_on,
            order_number=self.order_number,
        )


class OrderBody(TermsBody):
    customer: CustomerBody


class StepView(Model):
    step: OrderStep
    at: datetime


class PlacedView(Model):
    order_id: str


class OrderView(Model):
    id: str
    status: OrderStatus
    product: str
    seats: int | None
    term_months: int | None
    tenant_id: str | None
    licence_id: str | None
    reason: str | None
    placed_at: datetime
    model: LicenceModel
    order_number: str | None
    steps: list[StepView]


class OrdersView(Model):
    items: list[OrderView]
    next_cursor: str | None


async def place(call: Call[Deps, OrderBody, Nothing]) -> Reply[PlacedView]:
    """Order a licence for an existing or a new customer."""
    reseller_id = call.path["rid"]
    order = await place_order(call.deps, reseller_id, _wish(call.body), by=call.caller.subject)
    location = f"/v1/resellers/{reseller_id}/licence-orders/{order.id}"
    return Reply(PlacedView(order_id=order.id), status=202, headers={"Location": location})


async def create_licence(call: Call[Deps, TermsBody, Nothing]) -> Reply[LicenceView]:
    """Sell a licence to this customer; it is entered as an order of its reseller."""
    licence = await sell_licence(call.deps, call.path["tid"], call.body.terms())
    location = f"/v1/tenants/{licence.tenant_id}/licences/{licence.id}"
    headers = {"Location": location, **etag(licence.version)}
    return Reply(licence_view(licence, call.deps.now()), status=201, headers=headers)


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[OrderView]:
    """Read how far an order is."""
    order = await read_order(call.deps, call.path["rid"], call.path["id"], by=call.caller.subject)
    return Reply(_view(order))


async def list_newest(call: Call[Deps, Nothing, PageQuery]) -> Reply[OrdersView]:
    """List the licence orders, newest first."""
    after = newest_position(call.query.cursor)
    found = await list_orders(
        call.deps, call.path["rid"], after, call.query.limit, by=call.caller.subject
    )
    page = cut(found, call.query.limit, lambda last: newest_cursor(last.placed_at, last.id))
    return Reply(OrdersView(items=list(map(_view, page.items)), next_cursor=page.next_cursor))


def _wish(body: OrderBody) -> Wish:
    new = body.customer.new
    return Wish(
        terms=body.terms(),
        tenant_id=body.customer.tenant_id,
        new_customer=_customer(new) if new else None,
    )


def _customer(body: NewCustomerBody) -> NewCustomer:
    return NewCustomer(
        name=body.name,
        locale=body.locale,
        reseller_number=body.reseller_number,
        admin_username=body.admin.username,
        admin_email=body.admin.email,
        admin_display_name=body.admin.display_name or body.admin.username,
    )


def _view(order: Order) -> OrderView:
    return OrderView(
        id=order.id,
        status=order.status,
        product=order.terms.product,
        seats=order.terms.seats,
        term_months=order.terms.term_months,
        tenant_id=order.tenant_id,
        licence_id=order.licence_id,
        reason=order.reason,
        placed_at=order.placed_at,
        model=order.terms.model,
        order_number=order.terms.order_number,
        steps=[StepView(step=step, at=at) for step, at in order.steps],
    )
