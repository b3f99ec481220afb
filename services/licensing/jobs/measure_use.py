"""Measures the days that are over, of licences that are billed by use."""

from services.licensing.actions.usage import measure_usage
from services.licensing.deps import Deps


async def measure_use(deps: Deps) -> None:
    await measure_usage(deps)
