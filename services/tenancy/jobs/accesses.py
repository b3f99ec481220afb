"""Time-limited access: both sides are warned, what is over ends, what nobody answers lapses."""

from services.tenancy.actions.access_requests import look_at_due
from services.tenancy.deps import Deps


async def look_at_accesses(deps: Deps) -> None:
    await look_at_due(deps)
