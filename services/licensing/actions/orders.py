"""Placing licence orders and reading them."""

import structlog

from services.licensing.actions.keys import new_key
from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence, created
from services.licensing.domain.orders import (
    Order,
    UnknownCustomerError,
    Wish,
    fulfilled,
    licence_for,
    placed,
)
from services.licensing.domain.products import known_product
from services.licensing.domain.resellers import ResellerMayNotOrderError
from services.licensing.store.newest import Position
from shared.errors import NotFoundError, UnavailableError
from shared.ids import new_id
from shared.outbox import Transaction

log = structlog.get_logger()


async def place_order(deps: Deps, reseller_id: str, wish: Wish) -> Order:
    """Order a licence.

    For a customer that exists the licence is made in the same act. A new customer is set up by
    tenancy first, and the order is fulfilled when that is heard of.
    """
    known_product(wish.product)
    order = Order(
        id=new_id(),
        reseller_id=reseller_id,
        product=wish.product,
        seats=wish.seats,
        term_months=wish.term_months,
        placed_at=deps.now(),
    )
    kept = await _place(deps, order, wish)
    log.info("licence_order_placed", order_id=kept.id, reseller_id=reseller_id)
    return kept


async def _place(deps: Deps, order: Order, wish: Wish) -> Order:
    licence = _licence(deps, order, wish.tenant_id) if wish.tenant_id else None

    async def act(transaction: Transaction) -> Order:
        session = transaction.session
        reseller = await deps.resellers.get(order.reseller_id, session)
        if reseller is None:
            raise UnavailableError(retry_after_seconds=1)  # tenancy knows it, we are yet to hear
        if not reseller.is_authorised:
            raise ResellerMayNotOrderError
        transaction.publish(placed(order, wish), sequence=order.version)
        if licence is None:
            await deps.orders.add(order, session)
            return order
        if not await deps.tenants.is_customer(order.reseller_id, licence.tenant_id, session):
            raise UnknownCustomerError
        done, event = fulfilled(order, licence)
        await deps.orders.add(done, session)
        await deps.licences.add(licence, session)
        transaction.publish(created(licence), sequence=licence.version)
        transaction.publish(event, sequence=done.version)
        return done

    return await deps.transact(act)


def _licence(deps: Deps, order: Order, tenant_id: str) -> Licence:
    return licence_for(
        order, tenant_id=tenant_id, licence_id=new_id(), key=new_key(), now=deps.now()
    )


async def read_order(deps: Deps, reseller_id: str, order_id: str) -> Order:
    order = await deps.orders.get(reseller_id, order_id)
    if order is None:
        raise NotFoundError
    return order


async def list_orders(
    deps: Deps, reseller_id: str, after: Position | None, limit: int
) -> list[Order]:
    """The reseller's orders, newest first, and one more than asked for where there are more."""
    return await deps.orders.newest(reseller_id, after, limit + 1)
