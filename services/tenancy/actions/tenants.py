"""Making, reading and editing tenants."""

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.resellers import ResellerNotAuthorisedError
from services.tenancy.domain.tenants import Tenant
from shared.contracts.tenancy import TenantCreated, TenantEdited
from shared.errors import NotFoundError, PreconditionError
from shared.mongo import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


async def create_tenant(
    deps: Deps,
    *,
    tenant_id: str,
    name: str,
    reseller_id: str,
    locale: str,
    reseller_number: str | None = None,
) -> bool:
    """Assign a new tenant to a reseller; False, and nothing changed, where there is one of this id.

    ResellerNotAuthorisedError where the reseller may have no new customers.
    """
    tenant = Tenant(
        id=tenant_id,
        name=name,
        reseller_id=reseller_id,
        locale=locale,
        reseller_number=reseller_number,
        created_at=deps.now(),
    )

    async def act(transaction: Transaction) -> None:
        reseller = await deps.resellers.get(reseller_id, transaction.session)
        if reseller is None or not reseller.is_authorised:
            raise ResellerNotAuthorisedError
        await deps.tenants.add(tenant, transaction.session)
        created = TenantCreated(
            tenant_id=tenant.id,
            name=name,
            reseller_id=reseller_id,
            locale=locale,
            reseller_number=reseller_number,
        )
        await tell(deps, created, sequence=tenant.version, transaction=transaction)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return False
    log.info("tenant_created", tenant_id=tenant_id, reseller_id=reseller_id)
    return True


async def read_tenant(deps: Deps, tenant_id: str) -> Tenant:
    tenant = await deps.tenants.get(tenant_id)
    if tenant is None:
        raise NotFoundError
    return tenant


async def edit_tenant(
    deps: Deps, tenant_id: str, *, was: int, name: str | None, locale: str | None
) -> Tenant:
    """Change what is given, if the tenant is still at the version that the caller read."""

    async def act(transaction: Transaction) -> Tenant:
        tenant = await deps.tenants.get(tenant_id, transaction.session)
        if tenant is None:
            raise NotFoundError
        if tenant.version != was:
            raise PreconditionError
        edited = tenant.edited(name=name, locale=locale)
        if edited is not tenant:
            await deps.tenants.save(edited, was=was, session=transaction.session)
            told = TenantEdited(tenant_id=tenant_id, name=edited.name, locale=edited.locale)
            await tell(deps, told, sequence=edited.version, transaction=transaction)
        return edited

    return await deps.transact(act)
