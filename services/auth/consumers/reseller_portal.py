"""Messages of the Reseller Portal that auth takes in."""

from services.auth.actions.sync_in import remove_person, upsert_person
from services.auth.deps import Deps
from shared.contracts.reseller_portal import UserRemoved, UserUpserted
from shared.inbox import Received
from shared.outbox import Transaction


async def user_upserted(deps: Deps, received: Received[UserUpserted], tx: Transaction) -> bool:
    return await upsert_person(deps, received.body, received.sequence, tx)


async def user_removed(deps: Deps, received: Received[UserRemoved], tx: Transaction) -> bool:
    return await remove_person(deps, received.body, received.sequence, tx)
