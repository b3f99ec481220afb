"""Reading and changing what a customer lets its reseller do."""

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.delegation import Delegation, Level
from services.tenancy.domain.tenants import Tenant
from shared.contracts.tenancy import DelegationChanged, TenantAccessChanged
from shared.errors import ForbiddenError, NotFoundError, PreconditionError
from shared.mongo.collection import Session
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


class CustomersOwnError(ForbiddenError):
    """What a customer allows is decided by the customer, whoever else may manage it."""

    code = "customers_decision"
    detail = "Only the customer's own administrators decide this."


async def read_delegation(deps: Deps, tenant_id: str) -> Delegation:
    await known_tenant(deps, tenant_id)
    return await deps.delegations.get(tenant_id)


async def limit_delegation(
    deps: Deps, tenant_id: str, *, by_org: str, was: int, level: Level, reason: str | None
) -> Delegation:
    """Set the level, if it is still as the caller read it; it holds at every gateway at once."""
    if by_org != tenant_id:
        raise CustomersOwnError

    async def act(transaction: Transaction) -> Delegation:
        session = transaction.session
        tenant = await known_tenant(deps, tenant_id, session)
        delegation = await deps.delegations.get(tenant_id, session)
        if delegation.version != was:
            raise PreconditionError
        changed = delegation.limited_to(level)
        if changed is not delegation:
            await deps.delegations.save(changed, session)
            told = DelegationChanged(
                tenant_id=tenant_id, reseller_id=tenant.reseller_id, level=level
            )
            await tell(deps, told, sequence=changed.version, transaction=transaction, reason=reason)
            void_decisions(transaction, tenant)
        return changed

    try:
        changed = await deps.transact(act)
    except DuplicateKeyError as error:  # somebody else decided something for the first time
        raise PreconditionError from error
    log.info("delegation_changed", tenant_id=tenant_id, level=level)
    return changed


async def known_tenant(deps: Deps, tenant_id: str, session: Session | None = None) -> Tenant:
    tenant = await deps.tenants.get(tenant_id, session)
    if tenant is None or tenant.is_deleted:
        raise NotFoundError
    return tenant


def void_decisions(transaction: Transaction, tenant: Tenant) -> None:
    """Let every gateway ask anew who may do what in this tenant."""
    transaction.publish(TenantAccessChanged(tenant_id=tenant.id, reseller_id=tenant.reseller_id))
