"""Deletes what is kept of organisations that are gone."""

from services.mailer.actions import purge
from services.mailer.deps import Deps


async def purge_deleted(deps: Deps) -> None:
    await purge.purge_deleted(deps)
