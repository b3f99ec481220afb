"""Messages of the Reseller Portal that licensing takes in."""

from services.licensing.actions.sync_in import take_order
from services.licensing.actions.sync_out import compare, compare_checksums
from services.licensing.deps import Deps
from shared.contracts.reseller_portal import ChecksumsCompared, LicenceOrderOrdered, RecordsCompared
from shared.inbox import Received
from shared.outbox import Transaction


async def licence_order_ordered(
    deps: Deps, received: Received[LicenceOrderOrdered], tx: Transaction
) -> bool:
    return await take_order(deps, received.body, received.sequence, tx)


async def checksums_compared(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    return await compare_checksums(deps, received, tx)


async def records_compared(
    deps: Deps, received: Received[RecordsCompared], tx: Transaction
) -> bool:
    return await compare(deps, received, tx)
