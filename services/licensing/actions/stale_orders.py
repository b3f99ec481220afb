"""Ending orders that would otherwise wait for ever, and hearing of their invitations."""

from datetime import datetime
from typing import Final

from services.licensing.actions.customers import end_order
from services.licensing.actions.sync_out import tell_order
from services.licensing.deps import Deps
from services.licensing.domain.orders import Order, OrderStep, UnknownOrderError
from shared.outbox import Transaction
from shared.sweeps import Sweep

_BATCH: Final = 100
TIMED_OUT: Final = "timed_out"


async def end_stale_orders(deps: Deps) -> None:
    """Reject what was placed so long ago that no answer is to be expected; replicas may do so side
    by side. An answer that comes after all finds the order ended and makes no licence.
    """
    sweep = Sweep()
    while stale := await deps.orders.stale(deps.now() - deps.order_patience, _BATCH, sweep.failed):
        for order in stale:
            with sweep.over(order.id):
                await _end(deps, order)


async def _end(deps: Deps, stale: Order) -> None:
    async def act(transaction: Transaction) -> None:
        order = await deps.orders.get(stale.reseller_id, stale.id, transaction.session)
        if order is not None and order.is_open:
            done = await end_order(deps, order, TIMED_OUT, transaction)
            await deps.orders.save(done, was=order.version, session=transaction.session)
            tell_order(done, transaction)

    await deps.transact(act)


async def note_invitation(
    deps: Deps, reseller_id: str, order_id: str, invited_at: datetime, transaction: Transaction
) -> None:
    """The new customer's first admin is invited: one more step of the order."""
    order = await deps.orders.get(reseller_id, order_id, transaction.session)
    if order is None:
        raise UnknownOrderError(order_id)
    known = order.with_step(OrderStep.ADMIN_INVITED, invited_at)
    await deps.orders.save(known, was=order.version, session=transaction.session)
