"""A sandbox's clock: read, and moved ahead together with all that follows it."""

from dataclasses import replace
from datetime import timedelta

import structlog

from services.licensing.actions.ledger import enter
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Whose
from services.licensing.domain.sandbox import NotASandboxError, SandboxClock
from shared.outbox import Transaction

log = structlog.get_logger()


async def read_clock(deps: Deps, tenant_id: str) -> SandboxClock:
    clock = await deps.tenants.clock_of(tenant_id)
    if clock is None:
        raise NotASandboxError
    return clock


async def move_clock(deps: Deps, tenant_id: str, forward: timedelta) -> SandboxClock:
    """Move a sandbox ahead; what its licences pass through on the way happens like anywhere."""

    async def act(transaction: Transaction) -> SandboxClock:
        session = transaction.session
        clock = await deps.tenants.clock_of(tenant_id, session)
        if clock is None:
            raise NotASandboxError
        moved = clock.moved(forward)
        await deps.tenants.set_clock(tenant_id, moved, session)
        for licence in await deps.licences.newest(Whose(tenant_id=tenant_id), None, 0, session):
            ahead = replace(licence, ahead=moved.ahead)
            await enter(deps, Act.CLOCK_MOVED, licence, ahead, transaction)
        return moved

    moved = await deps.transact(act)
    log.info("sandbox_clock_moved", tenant_id=tenant_id, seconds=int(forward.total_seconds()))
    return moved
