"""Ends orders whose customer nobody has answered for."""

from services.licensing.actions import stale_orders
from services.licensing.deps import Deps


async def end_stale_orders(deps: Deps) -> None:
    await stale_orders.end_stale_orders(deps)
