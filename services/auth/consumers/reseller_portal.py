"""Messages of the Reseller Portal that auth takes in."""

from services.auth.actions.sync_in import remove_person, upsert_person
from services.auth.actions.sync_out import compare
from services.auth.deps import Deps
from shared.contracts.reseller_portal import RecordsCompared, UserRemoved, UserUpserted
from shared.inbox import Received
from shared.outbox import Transaction


async def user_upserted(deps: Deps, received: Received[UserUpserted], tx: Transaction) -> bool:
    return await upsert_person(deps, received.body, received.sequence, tx)


async def user_removed(deps: Deps, received: Received[UserRemoved], tx: Transaction) -> bool:
    return await remove_person(deps, received.body, received.sequence, tx)


async def records_compared(
    deps: Deps, received: Received[RecordsCompared], tx: Transaction
) -> bool:
    return await compare(deps, received, tx)
