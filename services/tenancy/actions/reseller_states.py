"""Moving a reseller from state to state, each time with a reason."""

from collections.abc import Callable

import structlog

from services.tenancy.actions.resellers import facts
from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.resellers import Reseller
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
)
from shared.errors import NotFoundError
from shared.outbox import Transaction

log = structlog.get_logger()
_Told = (
    type[ResellerAuthorised]
    | type[ResellerResumed]
    | type[ResellerSuspended]
    | type[ResellerTerminated]
)


async def authorise_reseller(deps: Deps, reseller_id: str, reason: str) -> Reseller:
    return await _move(deps, reseller_id, reason, Reseller.authorised, ResellerAuthorised)


async def suspend_reseller(deps: Deps, reseller_id: str, reason: str) -> Reseller:
    """Auth hears of it, lets nobody of the staff sign in and tells every gateway."""
    return await _move(deps, reseller_id, reason, Reseller.suspended, ResellerSuspended)


async def resume_reseller(deps: Deps, reseller_id: str, reason: str) -> Reseller:
    return await _move(deps, reseller_id, reason, Reseller.resumed, ResellerResumed)


async def terminate_reseller(deps: Deps, reseller_id: str, reason: str) -> Reseller:
    return await _move(deps, reseller_id, reason, Reseller.terminated, ResellerTerminated)


async def _move(
    deps: Deps, reseller_id: str, reason: str, move: Callable[[Reseller], Reseller], told: _Told
) -> Reseller:
    async def act(transaction: Transaction) -> Reseller:
        reseller = await deps.resellers.get(reseller_id, transaction.session)
        if reseller is None:
            raise NotFoundError
        moved = move(reseller)
        await deps.resellers.save(moved, was=reseller.version, session=transaction.session)
        await tell(
            deps,
            told(**facts(moved), reason=reason),
            place=moved.id,
            reason=reason,
            sequence=moved.version,
            transaction=transaction,
        )
        return moved

    moved = await deps.transact(act)
    log.info("reseller_moved", reseller_id=reseller_id, status=moved.status)
    return moved
