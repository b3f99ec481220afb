"""States the months that are over."""

from services.licensing.actions import statements
from services.licensing.deps import Deps


async def make_statements(deps: Deps) -> None:
    await statements.make_statements(deps)
