"""Events of tenancy that auth takes in."""

from services.auth.actions.invite import invite_first_admin
from services.auth.deps import Deps
from shared.contracts.tenancy import TenantCreated
from shared.inbox import Received
from shared.outbox import Transaction


async def tenant_created(deps: Deps, event: Received[TenantCreated], tx: Transaction) -> None:
    await invite_first_admin(deps, event.body, tx)
