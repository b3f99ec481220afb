"""Giving changes their place in the one order that streams follow, and reading it."""

from services.tenancy.deps import Deps
from services.tenancy.domain.changes import EVERYTHING, Change, filed, moment
from shared.contracts.tenancy import ChangesFiled
from shared.ids import VENDOR
from shared.outbox import Transaction

_BATCH = 500


async def file_changes(deps: Deps) -> int:
    """File what waits, and wake those who follow; returns how many changes that were."""

    async def act(transaction: Transaction) -> int:
        session, now = transaction.session, deps.now()
        waiting = await deps.waiting_activities.take(EVERYTHING, _BATCH, session)
        if waiting:
            places = frozenset(activity.place for activity in waiting)
            resellers = await deps.tenants.resellers_of(places, session)
            changes = filed(waiting, resellers, await deps.changes.last(session), now)
            await deps.changes.add(changes, now, session)
            orgs = sorted({org for change in changes for org in change.orgs})
            transaction.publish(ChangesFiled(orgs=orgs), sequence=changes[-1].position)
        return len(waiting)

    count = 0
    while await deps.waiting_activities.has(EVERYTHING):
        count += await deps.transact(act)
    return count


async def changes_after(deps: Deps, org: str, position: int, limit: int) -> list[Change]:
    """What may be in this organisation's stream; the vendor's has everything."""
    await file_changes(deps)
    return await deps.changes.after(position, None if org == VENDOR else org, limit)


def is_too_old(deps: Deps, position: int, kept_seconds: float) -> bool:
    return position < moment(deps.now()) - int(kept_seconds * 1_000_000)
