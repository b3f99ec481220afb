"""Moving a customer from one reseller to another, in one step."""

import structlog

from services.tenancy.actions.access_requests import end_with_assignment
from services.tenancy.actions.tell import tell
from services.tenancy.actions.tenants import facts, read_tenant
from services.tenancy.deps import Deps
from services.tenancy.domain.resellers import ResellerNotAuthorisedError
from services.tenancy.domain.tenant_states import transferred
from services.tenancy.domain.tenants import Tenant
from shared.contracts.tenancy import TenantAccessChanged, TenantTransferred
from shared.errors import NotFoundError
from shared.outbox import Transaction

log = structlog.get_logger()


async def transfer_tenant(deps: Deps, tenant_id: str, reseller_id: str, reason: str) -> Tenant:
    """Assign the tenant to this reseller; where it is assigned to it already, nothing changes.

    NotFoundError where there is no such reseller, ResellerNotAuthorisedError where it may have no
    new customers.
    """

    async def act(transaction: Transaction) -> Tenant:
        tenant = await read_tenant(deps, tenant_id, transaction.session)
        reseller = await deps.resellers.get(reseller_id, transaction.session)
        if reseller is None:
            raise NotFoundError
        moved = transferred(tenant, reseller_id)
        if moved is tenant:
            return tenant
        if not reseller.is_authorised:
            raise ResellerNotAuthorisedError
        await deps.tenants.save(
            moved, was=tenant.version, now=deps.now(), session=transaction.session
        )
        await end_with_assignment(deps, tenant_id, tenant.reseller_id, transaction)
        told = TenantTransferred(
            **facts(moved), former_reseller_id=tenant.reseller_id, reason=reason
        )
        await tell(deps, told, sequence=moved.version, transaction=transaction)
        void = TenantAccessChanged(tenant_id=tenant_id, reseller_id=reseller_id)
        transaction.publish(void, sequence=moved.version)
        return moved

    moved = await deps.transact(act)
    log.info("tenant_transferred", tenant_id=tenant_id, reseller_id=reseller_id)
    return moved
