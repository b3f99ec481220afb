"""Access for a time: asked for by the reseller, granted or not by the customer, ended by either."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

import structlog

from services.tenancy.actions.delegation import CustomersOwnError, known_tenant, void_decisions
from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.access_requests import Access, AccessState, Move, first_look
from shared.contracts.tenancy import (
    AccessApproved,
    AccessDenied,
    AccessEndAnnounced,
    AccessEnded,
    AccessFacts,
    AccessLapsed,
    AccessRequested,
    AccessWithdrawn,
)
from shared.errors import ConflictError, NotFoundError
from shared.ids import new_id
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()
_Moved: TypeAlias = AccessApproved | AccessDenied | AccessWithdrawn | AccessLapsed | AccessEnded
OPEN_AT_MOST: Final = 10
_BATCH: Final = 200
_EVENTS: Final[dict[Move, type[_Moved]]] = {
    Move.APPROVE: AccessApproved,
    Move.DENY: AccessDenied,
    Move.WITHDRAW: AccessWithdrawn,
    Move.LAPSE: AccessLapsed,
    Move.END: AccessEnded,
}
_CUSTOMERS_MOVES: Final = {Move.APPROVE, Move.DENY}


class TooManyOpenError(ConflictError):
    code = "too_many_open"
    detail = "There are too many open requests for this customer. Withdraw some first."


@dataclass(frozen=True)
class Wish:
    """What a reseller asks a customer for."""

    tenant_id: str
    roles: tuple[str, ...]
    duration: str
    reason: str


async def request_access(deps: Deps, reseller_id: str, wish: Wish, *, by: str) -> Access:
    """Ask the customer; NotFoundError where it is not this reseller's, as where there is none."""
    now = deps.now()
    access = Access(
        id=new_id(),
        tenant_id=wish.tenant_id,
        reseller_id=reseller_id,
        roles=wish.roles,
        duration=wish.duration,
        reason=wish.reason,
        requested_at=now,
        requested_by=by,
        next_at=first_look(now),
    )

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        tenant = await known_tenant(deps, wish.tenant_id, session)
        limit = await deps.limits.get(by, session)
        if tenant.reseller_id != reseller_id or not limit.admits(tenant.id):
            raise NotFoundError
        if len(await deps.accesses.open_ones(tenant.id, reseller_id, session)) >= OPEN_AT_MOST:
            raise TooManyOpenError
        await deps.accesses.save(access, session)
        told = AccessRequested(**_facts(access), duration=access.duration)
        await tell(deps, told, sequence=access.version, transaction=transaction)

    await deps.transact(act)
    log.info("access_requested", access_id=access.id, tenant_id=access.tenant_id)
    return access


async def move_access(
    deps: Deps, access_id: str, move: Move, *, place: str, by_org: str, by: str
) -> Access:
    """Approve, deny, withdraw or end; NotFoundError where this place has no such access."""

    async def act(transaction: Transaction) -> Access:
        access = await deps.accesses.get(access_id, transaction.session)
        if access is None or place not in (access.tenant_id, access.reseller_id):
            raise NotFoundError
        if not (await deps.limits.get(by, transaction.session)).admits(access.tenant_id):
            raise NotFoundError
        if by_org != place or (move in _CUSTOMERS_MOVES and place != access.tenant_id):
            raise CustomersOwnError
        moved = await _move(deps, access, move, by, transaction)
        if move in (Move.APPROVE, Move.END):
            tenant = await known_tenant(deps, access.tenant_id, transaction.session)
            void_decisions(transaction, tenant)
        return moved

    moved = await deps.transact(act)
    log.info("access_moved", access_id=access_id, state=moved.state)
    return moved


async def list_accesses(
    deps: Deps, side: str, org: str, before: tuple[datetime, str] | None, limit: int, *, by: str
) -> list[Access]:
    """Newest first, and one more than asked for where there are more."""
    only = (await deps.limits.get(by)).only
    return await deps.accesses.page(side, org, before, limit + 1, only)


async def end_with_assignment(
    deps: Deps, tenant_id: str, reseller_id: str, transaction: Transaction
) -> None:
    """Whoever is a customer's reseller no more has and asks for nothing there, also if it comes to
    be that again.
    """
    for access in await deps.accesses.open_ones(tenant_id, reseller_id, transaction.session):
        is_asked = access.state is AccessState.REQUESTED
        move = Move.WITHDRAW if is_asked else Move.END
        await _move(deps, access, move, None, transaction)


async def look_at_due(deps: Deps) -> None:
    """Warn of ends that are near, note those that have come, let what nobody answered lapse."""
    sweep = Sweep()
    while due := await deps.accesses.due(deps.now(), _BATCH, sweep.failed):
        for access_id in due:
            with sweep.over(access_id):
                await _look_at(deps, access_id)


async def _look_at(deps: Deps, access_id: str) -> None:
    async def act(transaction: Transaction) -> None:
        access, now = await deps.accesses.get(access_id, transaction.session), deps.now()
        if access is None or access.next_at is None or access.next_at > now:
            return  # another replica was here
        if access.state is AccessState.REQUESTED:
            await _move(deps, access, Move.LAPSE, None, transaction)
        elif not access.is_active(now):
            await _move(deps, access, Move.END, None, transaction)
        else:
            warned = access.warned(now)
            await deps.accesses.save(warned, transaction.session)
            told = AccessEndAnnounced(**_facts(access), days_left=access.days_left(now))
            await tell(deps, told, sequence=warned.version, transaction=transaction)

    await deps.transact(act)


async def _move(
    deps: Deps, access: Access, move: Move, by: str | None, transaction: Transaction
) -> Access:
    moved = access.moved(move, deps.now(), by)
    await deps.accesses.save(moved, transaction.session)
    told = _EVENTS[move](**_facts(moved))
    await tell(deps, told, sequence=moved.version, transaction=transaction)
    return moved


def _facts(access: Access) -> dict[str, Any]:
    facts = AccessFacts(
        access_id=access.id,
        tenant_id=access.tenant_id,
        reseller_id=access.reseller_id,
        roles=list(access.roles),
        reason=access.reason,
        until=access.ends_at,
    )
    return facts.model_dump()
