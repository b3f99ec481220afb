"""Notices what time has done to licences."""

from services.licensing.actions import pass_time as noticing
from services.licensing.deps import Deps


async def pass_time(deps: Deps) -> None:
    await noticing.pass_time(deps)
