"""What happened gets its place in the chains; what is no longer kept is cut off."""

from services.tenancy.actions import cut_activity
from services.tenancy.actions.link_activity import link_all
from services.tenancy.deps import Deps


async def link_activity(deps: Deps) -> None:
    await link_all(deps)


async def cut_old_activity(deps: Deps) -> None:
    await cut_activity.cut_all(deps)
