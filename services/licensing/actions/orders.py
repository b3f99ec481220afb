"""Placing licence orders and reading them."""

from dataclasses import replace

import structlog

from services.licensing.actions.ledger import draw_seats
from services.licensing.actions.sell import sell
from services.licensing.actions.sync_out import tell_order
from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence, Whose
from services.licensing.domain.orders import Order, Terms, Wish, opened
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.quotas import seats_drawn
from services.licensing.domain.resellers import ResellerMayNotOrderError
from services.licensing.domain.sales import TrialUsedError, must_be_whole
from shared.errors import NotFoundError, UnavailableError
from shared.ids import new_id
from shared.mongo.errors import DuplicateKeyError
from shared.newest import Position
from shared.outbox import Transaction

log = structlog.get_logger()


async def place_order(deps: Deps, reseller_id: str, wish: Wish, *, by: str | None = None) -> Order:
    """Order a licence, by whoever of the reseller's staff wishes so.

    For a customer that exists the licence is made in the same act. A new customer is set up by
    tenancy first, and the order is fulfilled when that is heard of.
    """
    wish.must_be_within(await deps.limits.only(by) if by else None)
    is_new = wish.new_customer is not None
    must_be_whole(wish.terms, is_new_customer=is_new, now=deps.now())
    order = Order(
        id=new_id(),
        reseller_id=reseller_id,
        terms=wish.terms,
        placed_at=deps.now(),
    )
    try:
        kept = await _place(deps, order, wish)
    except DuplicateKeyError as error:
        if wish.terms.model is LicenceModel.TRIAL:
            raise TrialUsedError from error
        raise
    log.info("licence_order_placed", order_id=kept.id, reseller_id=reseller_id)
    return kept


async def sell_licence(deps: Deps, tenant_id: str, terms: Terms) -> Licence:
    """Order a licence for a customer that exists, as its reseller, and get it at once."""
    reseller_id = await deps.tenants.reseller_of(tenant_id)
    if reseller_id is None:
        raise UnavailableError(retry_after_seconds=1)  # tenancy knows it, we are yet to hear
    order = await place_order(deps, reseller_id, Wish(terms, tenant_id=tenant_id))
    whose, licence_id = Whose(reseller_id=reseller_id), order.licence_id or ""

    async def act(transaction: Transaction) -> Licence | None:
        return await deps.licences.find(whose, licence_id, transaction.session)

    # Under an Idempotency-Key the sale is a part of a greater act, seen from within it alone.
    licence = await deps.transact(act)
    if licence is None:
        raise NotFoundError
    return licence


async def _place(deps: Deps, order: Order, wish: Wish) -> Order:
    async def act(transaction: Transaction) -> Order:
        return await place_in(deps, order, wish, transaction)

    return await deps.transact(act)


async def place_in(deps: Deps, order: Order, wish: Wish, transaction: Transaction) -> Order:
    """Place an order whose terms are whole, as a part of a greater act."""
    placed, event = opened(order, wish)
    seats = seats_drawn(order.terms.model, order.terms.seats)
    session, reseller_id = transaction.session, order.reseller_id
    reseller = await deps.resellers.get(reseller_id, session)
    if reseller is None:
        raise UnavailableError(retry_after_seconds=1)  # tenancy knows it, we are yet to hear
    if not reseller.is_authorised:
        raise ResellerMayNotOrderError
    drawn = await draw_seats(deps, reseller_id, order.terms.product, seats, transaction)
    kept = replace(placed, drawn=drawn)
    transaction.publish(event, sequence=kept.version)
    if wish.tenant_id is not None:
        kept = await sell(deps, kept, wish.tenant_id, transaction)
    await deps.orders.add(kept, session)
    tell_order(kept, transaction)
    return kept


async def read_order(deps: Deps, reseller_id: str, order_id: str, *, by: str) -> Order:
    order, only = await deps.orders.get(reseller_id, order_id), await deps.limits.only(by)
    if order is None or (only is not None and order.tenant_id not in only):
        raise NotFoundError
    return order


async def list_orders(
    deps: Deps, reseller_id: str, after: Position | None, limit: int, *, by: str
) -> list[Order]:
    """The reseller's orders, newest first, and one more than asked for where there are more; for
    staff that is limited to some customers, those for them.
    """
    return await deps.orders.newest(reseller_id, after, limit + 1, await deps.limits.only(by))
