"""A licence order: a reseller's wish for a licence, on its way to becoming one."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.licensing.domain.licences import Licence
from services.licensing.domain.products import LicenceModel
from shared.contracts.licensing import (
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicenceOrderRejected,
    NewCustomer,
)
from shared.errors import ForbiddenError, InvalidError


class OrderStatus(StrEnum):
    PLACED = "placed"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"


class OrderStep(StrEnum):
    """What has happened to an order, each step once and with its instant."""

    PLACED = "placed"
    CUSTOMER_SET_UP = "customer_set_up"
    LICENCE_CREATED = "licence_created"
    FULFILLED = "fulfilled"
    ADMIN_INVITED = "admin_invited"
    REJECTED = "rejected"


class UnknownCustomerError(InvalidError):
    """One answer for a customer of somebody else and for one that there is not."""

    code = "unknown_customer"
    pointer = "#/body/customer/tenant_id"
    detail = "You have no customer of this id."


class LimitedSellerError(ForbiddenError):
    code = "limited_seller"
    detail = "You look after certain customers and order for no new ones."


class UnknownOrderError(Exception):
    """An event speaks of an order that is not known; it is tried again later."""


class UnknownTenantError(Exception):
    """An event speaks of a tenant that is not known yet; it is tried again later."""


@dataclass(frozen=True)
class Terms:
    """What is asked for, whoever it is for."""

    product: str
    seats: int | None
    term_months: int | None
    model: LicenceModel = LicenceModel.TERM
    co_term: bool = False
    """Whether it is to end with the customer's licence of the same product."""
    starts_on: date | None = None
    """None for the day on which the licence is made."""
    order_number: str | None = None


@dataclass(frozen=True)
class Wish:
    """What is asked for, either for a customer that exists or for a new one."""

    terms: Terms
    tenant_id: str | None = None
    new_customer: NewCustomer | None = None

    def must_be_within(self, only: frozenset[str] | None) -> None:
        """For whoever is limited to these customers; UnknownCustomerError, LimitedSellerError."""
        if only is None or self.tenant_id in only:
            return
        raise LimitedSellerError if self.tenant_id is None else UnknownCustomerError


@dataclass(frozen=True)
class Order:
    id: str
    reseller_id: str
    terms: Terms
    placed_at: datetime
    status: OrderStatus = OrderStatus.PLACED
    tenant_id: str | None = None
    licence_id: str | None = None
    reason: str | None = None
    """Why the order was rejected, as a code."""
    steps: tuple[tuple[OrderStep, datetime], ...] = ()
    drawn: int = 0
    """How many seats it has taken from the reseller's quota for its licence to come."""
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.status is OrderStatus.PLACED

    def with_step(self, step: OrderStep, at: datetime) -> "Order":
        """The order with this step, and the same one where it was taken before."""
        if any(step is taken for taken, _ in self.steps):
            return self
        return replace(self, steps=(*self.steps, (step, at)), version=self.version + 1)


def opened(order: Order, wish: Wish) -> tuple[Order, LicenceOrderPlaced]:
    """The order as it is placed."""
    terms = order.terms
    event = LicenceOrderPlaced(
        order_id=order.id,
        reseller_id=order.reseller_id,
        product=terms.product,
        seats=terms.seats or 0,
        term_months=terms.term_months or 0,
        model=terms.model.value,
        tenant_id=wish.tenant_id,
        new_customer=wish.new_customer,
    )
    return replace(order, steps=((OrderStep.PLACED, order.placed_at),)), event


def set_up(order: Order, tenant_id: str, now: datetime) -> Order:
    """The order whose customer there is now, also where that is told too late to matter."""
    return replace(order.with_step(OrderStep.CUSTOMER_SET_UP, now), tenant_id=tenant_id)


def fulfilled(order: Order, licence: Licence, now: datetime) -> tuple[Order, LicenceOrderFulfilled]:
    done = replace(
        order.with_step(OrderStep.LICENCE_CREATED, now).with_step(OrderStep.FULFILLED, now),
        status=OrderStatus.FULFILLED,
        tenant_id=licence.tenant_id,
        licence_id=licence.id,
        version=order.version + 1,
    )
    event = LicenceOrderFulfilled(
        order_id=order.id,
        reseller_id=order.reseller_id,
        tenant_id=licence.tenant_id,
        licence_id=licence.id,
    )
    return done, event


def rejected(order: Order, reason: str, now: datetime) -> tuple[Order, LicenceOrderRejected]:
    """The order ended without a licence; what it has taken from the quota is to be given back."""
    done = replace(
        order.with_step(OrderStep.REJECTED, now),
        status=OrderStatus.REJECTED,
        reason=reason,
        drawn=0,
        version=order.version + 1,
    )
    event = LicenceOrderRejected(order_id=order.id, reseller_id=order.reseller_id, reason=reason)
    return done, event
