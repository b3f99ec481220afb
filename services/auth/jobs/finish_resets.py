"""Second factors whose reset has waited long enough are taken off."""

from services.auth.actions import lost_factor
from services.auth.deps import Deps


async def finish_resets(deps: Deps) -> None:
    await lost_factor.finish_resets(deps)
