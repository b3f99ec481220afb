"""Keeping what happened and showing it."""

from services.tenancy.deps import Deps
from services.tenancy.domain.activity import Activity, Position
from shared.contracts.events import CloudEvent
from shared.outbox import Transaction
from shared.passes import NOBODY


async def note_activity(
    deps: Deps, event: CloudEvent, place: str, reason: str | None, transaction: Transaction
) -> None:
    _, _, noun, verb, _ = event.type.split(".")
    activity = Activity(
        id=event.id,
        place=place,
        at=event.time,
        what=f"{noun}.{verb}",
        subject=event.subject,
        actor=event.actor if event.actor != NOBODY else None,
        actor_org=event.actororg,
        reason=reason,
        request_id=event.correlationid,
    )
    await deps.activities.add(activity, transaction.session)


async def list_activity(
    deps: Deps, place: str, before: Position | None, limit: int
) -> list[Activity]:
    """Newest first, and one more than asked for where there are more."""
    return await deps.activities.of(place, before, limit + 1)
