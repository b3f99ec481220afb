"""Deletes tenants whose time is over."""

from services.tenancy.actions.offboarding import delete_due_tenants
from services.tenancy.deps import Deps


async def delete_due(deps: Deps) -> None:
    await delete_due_tenants(deps)
