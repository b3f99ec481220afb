"""Telling what was done to an organisation: to the other services, to the Reseller Portal, and in
its activity.
"""

from services.tenancy.actions.activity import note_activity
from services.tenancy.actions.sync_out import record
from services.tenancy.deps import Deps
from shared.contracts.events import Event
from shared.outbox import Transaction


async def tell(
    deps: Deps,
    event: Event,
    *,
    sequence: int,
    transaction: Transaction,
    place: str | None = None,
    reason: str | None = None,
) -> None:
    """Publish the event and keep it in the activity of whom it concerns, in one act with its cause.

    Place and reason are said where the event doesn't.
    """
    transaction.publish(event, sequence=sequence)
    told = transaction.events[-1]
    await record(deps, event, transaction)
    await note_activity(deps, told, transaction, place=place, reason=reason)
