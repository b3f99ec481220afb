"""Telling whoever runs the portal that the synchronisation needs a person."""

from datetime import datetime

from services.tenancy.deps import Deps
from services.tenancy.domain.drift import Drift
from services.tenancy.domain.sync import SyncMessage
from services.tenancy.domain.sync_trouble import DRIFT, counts_since, lasting
from shared.contracts.tenancy import SyncTroubleAnnounced
from shared.outbox import Transaction


async def tell_rejection(deps: Deps, message: SyncMessage, tx: Transaction) -> None:
    """Tell that messages are rejected for this reason, unless that was told just lately."""
    reason = message.reason or ""
    since = await _since(deps, reason, tx)
    if since is not None:
        found = SyncTroubleAnnounced(
            cause=reason,
            how="rejected",
            reseller_id=message.reseller_id,
            record=message.record,
            count=await deps.sync_messages.count_rejected(reason, since, tx),
        )
        tx.publish(found)


async def tell_drift(deps: Deps, drift: Drift, tx: Transaction) -> None:
    """Tell that records stay different although they were sent again."""
    if not (records := lasting(drift)):
        return
    if await _since(deps, DRIFT, tx) is not None:
        found = SyncTroubleAnnounced(
            cause=DRIFT,
            how="differing",
            reseller_id=drift.reseller_id,
            record=records[0].id,
            count=len(records),
        )
        tx.publish(found)


async def _since(deps: Deps, cause: str, tx: Transaction) -> datetime | None:
    """Since when it is to be told, which is noted; None where it is not."""
    now = deps.now()
    since = counts_since(await deps.sync_troubles.told_at(cause, tx), now)
    if since is not None:
        await deps.sync_troubles.note(cause, now, tx)
    return since
