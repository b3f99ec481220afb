"""Moving a tenant from state to state: set up, suspended, resumed."""

from collections.abc import Callable
from typing import Any

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.actions.tenants import facts, read_tenant
from services.tenancy.deps import Deps
from services.tenancy.domain import tenant_states
from services.tenancy.domain.tenants import Tenant
from shared.contracts.events import Event
from shared.contracts.tenancy import FirstAdmin, TenantConfigured, TenantResumed, TenantSuspended
from shared.errors import PreconditionError
from shared.outbox import Transaction

log = structlog.get_logger()


async def set_up_tenant(
    deps: Deps, tenant_id: str, *, was: int, invited: Callable[[str], FirstAdmin] | None
) -> Tenant:
    """Open a tenant that was only known so far, and invite its first admin where one is named: in
    the tenant's language, unless another one is said.
    """

    def told(tenant: Tenant) -> Event:
        first_admin = invited(tenant.locale) if invited else None
        return TenantConfigured(**facts(tenant), first_admin=first_admin)

    return await move_tenant(deps, tenant_id, was=was, move=tenant_states.set_up, told=told)


async def suspend_tenant(deps: Deps, tenant_id: str, *, was: int, reason: str) -> Tenant:
    """Auth hears of it, lets nobody of the tenant sign in and tells every gateway."""
    return await move_tenant(
        deps,
        tenant_id,
        was=was,
        move=tenant_states.suspended,
        told=_with_reason(TenantSuspended, reason),
    )


async def resume_tenant(deps: Deps, tenant_id: str, *, was: int, reason: str) -> Tenant:
    return await move_tenant(
        deps,
        tenant_id,
        was=was,
        move=tenant_states.resumed,
        told=_with_reason(TenantResumed, reason),
    )


async def move_tenant(
    deps: Deps,
    tenant_id: str,
    *,
    was: int,
    move: Callable[[Tenant], Tenant],
    told: Callable[[Tenant], Event],
) -> Tenant:
    """Carry out one step, if the tenant is still at the version that the caller read."""

    async def act(transaction: Transaction) -> Tenant:
        tenant = await read_tenant(deps, tenant_id, transaction.session)
        if tenant.version != was:
            raise PreconditionError
        moved = move(tenant)
        await deps.tenants.save(moved, was=was, now=deps.now(), session=transaction.session)
        await tell(deps, told(moved), sequence=moved.version, transaction=transaction)
        return moved

    moved = await deps.transact(act)
    log.info("tenant_moved", tenant_id=tenant_id, status=moved.status)
    return moved


def _with_reason(event: Callable[..., Event], reason: str) -> Callable[[Tenant], Event]:
    def told(tenant: Tenant) -> Event:
        known: dict[str, Any] = facts(tenant)
        return event(**known, reason=reason)

    return told
