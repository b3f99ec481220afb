"""What licensing does when tenancy tells it something."""

from services.licensing.actions.customers import note_reseller, note_tenant, reject_order
from services.licensing.deps import Deps
from shared.contracts.tenancy import ResellerCreated, TenantCreated, TenantRefused
from shared.inbox import Received
from shared.outbox import Transaction


async def reseller_created(
    deps: Deps, received: Received[ResellerCreated], transaction: Transaction
) -> None:
    await note_reseller(deps, received.body.reseller_id, received.body.name, transaction)


async def tenant_created(
    deps: Deps, received: Received[TenantCreated], transaction: Transaction
) -> None:
    await note_tenant(deps, received.body, transaction)


async def tenant_refused(
    deps: Deps, received: Received[TenantRefused], transaction: Transaction
) -> None:
    await reject_order(deps, received.body, transaction)
