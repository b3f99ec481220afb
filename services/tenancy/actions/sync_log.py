"""Keeping what became of the Reseller Portal's messages, and showing it."""

from services.tenancy.deps import Deps
from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.newest import Position
from shared.outbox import Transaction


async def keep_outcome(deps: Deps, message: SyncMessage, tx: Transaction) -> None:
    await deps.sync_messages.add(message, tx)


async def list_messages(
    deps: Deps,
    outcome: Outcome | None,
    reseller_id: str | None,
    after: Position | None,
    limit: int,
) -> list[SyncMessage]:
    """Newest first, and one more than asked for where there are more."""
    return await deps.sync_messages.page(outcome, reseller_id, after, limit + 1)
