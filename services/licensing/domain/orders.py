"""A licence order: a reseller's wish for a licence, on its way to becoming one."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.licensing.domain.licences import Licence
from services.licensing.domain.terms import end_of_term, today
from shared.contracts.licensing import (
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicenceOrderRejected,
    NewCustomer,
)
from shared.errors import InvalidError


class OrderStatus(StrEnum):
    PLACED = "placed"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"


class UnknownCustomerError(InvalidError):
    """One answer for a customer of somebody else and for one that there is not."""

    code = "unknown_customer"
    detail = "You have no customer of this id."


class UnknownOrderError(Exception):
    """An event speaks of an order that is not known; it is tried again later."""


@dataclass(frozen=True)
class Wish:
    """What is asked for, either for a customer that exists or for a new one."""

    product: str
    seats: int
    term_months: int
    tenant_id: str | None = None
    new_customer: NewCustomer | None = None


@dataclass(frozen=True)
class Order:
    id: str
    reseller_id: str
    product: str
    seats: int
    term_months: int
    placed_at: datetime
    status: OrderStatus = OrderStatus.PLACED
    tenant_id: str | None = None
    licence_id: str | None = None
    reason: str | None = None
    """Why the order was rejected, as a code."""
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.status is OrderStatus.PLACED


def licence_for(
    order: Order, *, tenant_id: str, licence_id: str, key: str, now: datetime
) -> Licence:
    """The licence that an order asks for; its term starts today."""
    starts_on = today(now)
    return Licence(
        id=licence_id,
        key=key,
        product=order.product,
        seats=order.seats,
        starts_on=starts_on,
        ends_on=end_of_term(starts_on, order.term_months),
        tenant_id=tenant_id,
        reseller_id=order.reseller_id,
        order_id=order.id,
        created_at=now,
    )


def fulfilled(order: Order, licence: Licence) -> tuple[Order, LicenceOrderFulfilled]:
    done = replace(
        order,
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


def rejected(order: Order, reason: str) -> tuple[Order, LicenceOrderRejected]:
    done = replace(order, status=OrderStatus.REJECTED, reason=reason, version=order.version + 1)
    event = LicenceOrderRejected(order_id=order.id, reseller_id=order.reseller_id, reason=reason)
    return done, event


def placed(order: Order, wish: Wish) -> LicenceOrderPlaced:
    return LicenceOrderPlaced(
        order_id=order.id,
        reseller_id=order.reseller_id,
        product=order.product,
        seats=order.seats,
        term_months=order.term_months,
        tenant_id=wish.tenant_id,
        new_customer=wish.new_customer,
    )
