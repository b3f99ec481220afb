"""Keeping what happened and showing it."""

from dataclasses import replace

from services.tenancy.actions.file_deliveries import file_deliveries
from services.tenancy.actions.link_activity import link_waiting
from services.tenancy.deps import Deps
from services.tenancy.domain.activity import ActivityFilter, activity_of, seen_by
from services.tenancy.domain.chain import Entry
from services.tenancy.domain.changes import EVERYTHING
from shared.contracts.events import CloudEvent
from shared.outbox import Transaction


async def note_activity(
    deps: Deps,
    event: CloudEvent,
    transaction: Transaction,
    *,
    place: str | None = None,
    reason: str | None = None,
) -> None:
    """Keep an event for whoever may see it; it gets its place in their chains a moment later, and
    goes to the webhooks of whom it concerns.

    Place and reason are said where the event doesn't.
    """
    told = activity_of(event)
    activity = replace(told, place=place or told.place, reason=reason or told.reason)
    chains = [*seen_by(event, activity.place), EVERYTHING]
    await deps.waiting_activities.add(activity, chains, deps.now(), transaction.session)
    await file_deliveries(deps, event, activity.place, transaction)


async def list_activity(deps: Deps, org: str, which: ActivityFilter, limit: int) -> list[Entry]:
    """Newest first, and one more than asked for where there are more."""
    await link_waiting(deps, org)
    return await deps.entries.newest(org, which, limit + 1)


async def export_activity(
    deps: Deps, org: str, after: int, limit: int
) -> tuple[list[Entry], str | None]:
    """Rows in the order of the chain, one more than asked for where there are more, and the signed
    statement about where it ends, None where nothing ever happened.
    """
    await link_waiting(deps, org)
    statement = await deps.heads.statement(org)
    return await deps.entries.after(org, after, limit + 1), statement
