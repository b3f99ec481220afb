"""Deletes what deleted organisations still have."""

from services.auth.actions import organisations
from services.auth.deps import Deps


async def purge_deleted(deps: Deps) -> None:
    await organisations.purge_deleted(deps)
