"""Frees the seats of devices that fell silent; its work grows with those that did."""

from services.licensing.actions.devices import reclaim_seats
from services.licensing.deps import Deps


async def free_silent_seats(deps: Deps) -> None:
    await reclaim_seats(deps)
