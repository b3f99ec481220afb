"""Messages of the Reseller Portal that auth takes in."""

from services.auth.actions.sync_in import remove_person, upsert_person
from services.auth.actions.sync_out import compare, compare_checksums
from services.auth.deps import Deps
from shared.contracts.reseller_portal import (
    ChecksumsCompared,
    RecordsCompared,
    UserRemoved,
    UserUpserted,
)
from shared.inbox import Received
from shared.outbox import Transaction


async def user_upserted(deps: Deps, received: Received[UserUpserted], tx: Transaction) -> bool:
    return await upsert_person(deps, received.body, received.sequence, tx)


async def user_removed(deps: Deps, received: Received[UserRemoved], tx: Transaction) -> bool:
    return await remove_person(deps, received.body, received.sequence, tx)


async def checksums_compared(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    return await compare_checksums(deps, received, tx)


async def records_compared(
    deps: Deps, received: Received[RecordsCompared], tx: Transaction
) -> bool:
    return await compare(deps, received, tx)
