"""The one way in which a licence is made or changed: state, ledger and event in the same act."""

from dataclasses import replace
from datetime import timedelta

from services.licensing.actions.sync_out import tell_licence
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act, Entry, told
from services.licensing.domain.licences import OVER, Licence, state
from services.licensing.domain.quotas import QuotaExceededError, draw
from services.licensing.domain.sandbox import now_of
from shared.context import cause
from shared.outbox import Transaction


async def enter(
    deps: Deps,
    act: Act,
    before: Licence | None,
    after: Licence,
    transaction: Transaction,
    *,
    reason: str | None = None,
) -> Licence:
    """Keep the licence as it is after the act; QuotaExceededError where seats are wanting."""
    now, because = deps.now(), cause()
    after = replace(after, version=before.version + 1 if before else 1)
    if before is None or before.tenant_id != after.tenant_id:
        clock = await deps.tenants.clock_of(after.tenant_id, transaction.session)
        after = replace(after, ahead=clock.ahead if clock else timedelta(0))
    if before is None:
        after = replace(after, created_at=now_of(after, deps.now()))
    if before is None:
        await deps.licences.add(after, transaction.session)
    else:
        after = await _draw(deps, before, after, transaction)
        await deps.licences.save(after, was=before.version, session=transaction.session)
    entry = Entry(
        act=act,
        at=now,
        before=before,
        after=after,
        actor=because.actor,
        actor_org=because.actor_org,
        request_id=because.request_id,
        reason=reason,
    )
    await deps.ledger.add(entry, transaction.session)
    transaction.publish(told(entry), sequence=after.version)
    tell_licence(before, after, transaction)
    return after


async def draw_seats(
    deps: Deps, reseller_id: str, product: str, seats: int, transaction: Transaction
) -> int:
    """Take seats from the reseller's quota, or give them back where there are fewer than none.

    How many were taken: none where there is no quota. QuotaExceededError where it does not suffice.
    """
    session = transaction.session
    if seats == 0 or await deps.quotas.draw(reseller_id, product, seats, session):
        return seats
    if await deps.quotas.has(reseller_id, product, session):
        raise QuotaExceededError
    return 0


async def _draw(deps: Deps, before: Licence, after: Licence, transaction: Transaction) -> Licence:
    """The licence with what its change takes from the quota, or gives back to it.

    A licence that goes to another reseller gives back all of it, and takes nothing there.
    """
    if after.reseller_id != before.reseller_id:
        drawn = -before.drawn
        await draw_seats(deps, before.reseller_id, after.product, drawn, transaction)
        return replace(after, drawn=0)
    seats = draw(before, after, is_over=state(after, now_of(after, deps.now())) in OVER)
    taken = await draw_seats(deps, before.reseller_id, after.product, seats, transaction)
    return replace(after, drawn=before.drawn + taken)
