"""Shows in the lists of customers what time has done to their licences."""

from services.tenancy.actions import customers
from services.tenancy.deps import Deps


async def renew_lists(deps: Deps) -> None:
    await customers.renew_lists(deps)
