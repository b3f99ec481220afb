"""A tenant's way out: closed and kept for a while, kept after all, or deleted when time is over."""

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.actions.tenant_states import move_tenant
from services.tenancy.actions.tenants import facts
from services.tenancy.deps import Deps
from services.tenancy.domain import tenant_states
from services.tenancy.domain.tenants import Tenant
from shared.contracts.events import Event
from shared.contracts.tenancy import (
    OffboardingBegun,
    OffboardingCancelled,
    TenantAccessChanged,
    TenantDeleted,
)
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()


async def begin_offboarding(deps: Deps, tenant_id: str, *, was: int, reason: str) -> Tenant:
    delete_at = deps.now() + deps.offboarding_kept

    def move(tenant: Tenant) -> Tenant:
        return tenant_states.offboarding(tenant, delete_at)

    def told(tenant: Tenant) -> Event:
        return OffboardingBegun(**facts(tenant), reason=reason, delete_at=delete_at)

    return await move_tenant(deps, tenant_id, was=was, move=move, told=told)


async def cancel_offboarding(deps: Deps, tenant_id: str, *, was: int, reason: str) -> Tenant:
    def told(tenant: Tenant) -> Event:
        return OffboardingCancelled(**facts(tenant), reason=reason)

    return await move_tenant(deps, tenant_id, was=was, move=tenant_states.staying, told=told)


async def delete_due_tenants(deps: Deps) -> None:
    """Delete every tenant whose time is over; its activity stays and proves what became of it.

    Replicas may meet at the same tenant: the later transaction finds it deleted and does nothing.
    """
    sweep = Sweep()
    while (tenant := await deps.tenants.due_for_deletion(deps.now(), sweep.failed)) is not None:
        with sweep.over(tenant.id):
            await _delete(deps, tenant.id)


async def _delete(deps: Deps, tenant_id: str) -> None:
    async def act(transaction: Transaction) -> bool:
        session = transaction.session
        tenant = await deps.tenants.get(tenant_id, session)
        if tenant is None or tenant.delete_at is None or tenant.delete_at > deps.now():
            return False
        gone = tenant_states.deleted(tenant)
        await deps.tenants.save(gone, was=tenant.version, now=deps.now(), session=session)
        await deps.settings.forget(tenant_id, session)
        await deps.email_domains.assign(tenant_id, (), session)
        await deps.delegations.forget(tenant_id, session)
        await deps.accesses.forget(tenant_id, session)
        await deps.support_accesses.forget(tenant_id, session)
        await deps.told_events.forget(tenant_id, session)
        await _tell(deps, tenant, gone.version, transaction)
        return True

    if await deps.transact(act):
        log.info("tenant_deleted", tenant_id=tenant_id)


async def _tell(deps: Deps, tenant: Tenant, version: int, transaction: Transaction) -> None:
    """The services delete what they have of it; to the gateways it is where nothing is."""
    ids = {"tenant_id": tenant.id, "reseller_id": tenant.reseller_id}
    deleted = TenantDeleted(**ids, name=tenant.name)
    await tell(deps, deleted, sequence=version, transaction=transaction)
    transaction.publish(TenantAccessChanged(**ids), sequence=version)
