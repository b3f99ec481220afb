"""Telling what was done to an organisation: to the other services, and in its activity."""

from services.tenancy.actions.activity import note_activity
from services.tenancy.deps import Deps
from shared.contracts.events import Event
from shared.outbox import Transaction


async def tell(
    deps: Deps,
    event: Event,
    *,
    place: str,
    reason: str | None,
    sequence: int,
    transaction: Transaction,
) -> None:
    """Publish the event and keep it in the activity of the place, in one act with its cause."""
    transaction.publish(event, sequence=sequence)
    await note_activity(deps, transaction.events[-1], place, reason, transaction)
