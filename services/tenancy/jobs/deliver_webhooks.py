"""Delivers what is due to the resellers' webhooks."""

from services.tenancy.actions.deliver import deliver_due
from services.tenancy.deps import Deps


async def deliver_webhooks(deps: Deps) -> None:
    await deliver_due(deps)
