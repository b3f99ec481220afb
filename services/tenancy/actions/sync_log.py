"""Keeping what became of the Reseller Portal's messages and comparisons, and showing it."""

from services.tenancy.actions.sync_trouble import tell_drift, tell_rejection
from services.tenancy.deps import Deps
from services.tenancy.domain.drift import Company, Drift, Report, company, heard
from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.newest import Position
from shared.outbox import Transaction


async def keep_outcome(deps: Deps, message: SyncMessage, tx: Transaction) -> None:
    await deps.sync_messages.add(message, tx)
    if message.outcome is Outcome.REJECTED:
        await tell_rejection(deps, message, tx)


async def list_messages(
    deps: Deps,
    outcome: Outcome | None,
    reseller_id: str | None,
    after: Position | None,
    limit: int,
) -> list[SyncMessage]:
    """Newest first, and one more than asked for where there are more."""
    return await deps.sync_messages.page(outcome, reseller_id, after, limit + 1)


async def keep_drift(deps: Deps, report: Report, tx: Transaction) -> None:
    known = await deps.drifts.get(f"{report.reseller_id}:{report.service}", tx)
    drift = heard(known, report)
    if drift is not None:
        await deps.drifts.keep(drift, tx)
        await tell_drift(deps, drift, tx)


async def list_companies(
    deps: Deps, reseller_id: str | None, *, after: str | None, limit: int
) -> list[Company]:
    """By reseller, and one more than asked for where there are more."""
    found = await deps.drifts.by_reseller(reseller_id, after=after, limit=limit + 1)
    return [company(drifts) for drifts in found]


async def list_drifts(
    deps: Deps, reseller_id: str | None, *, differing: bool, after: str | None, limit: int
) -> list[Drift]:
    """By reseller and service, and one more than asked for where there are more."""
    return await deps.drifts.page(reseller_id, differing=differing, after=after, limit=limit + 1)
