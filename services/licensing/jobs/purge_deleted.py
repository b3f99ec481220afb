"""Deletes what deleted tenants still have."""

from services.licensing.actions import customers
from services.licensing.deps import Deps


async def purge_deleted(deps: Deps) -> None:
    await customers.purge_deleted(deps)
