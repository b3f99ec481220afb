"""Keeping up with the licences that tenants hold."""

import structlog

from services.tenancy.deps import Deps
from services.tenancy.domain.licences import HeldLicence
from services.tenancy.domain.tenants import UnknownTenantError
from shared.contracts.tenancy import TenantAccessChanged
from shared.outbox import Transaction

log = structlog.get_logger()


async def note_licence(
    deps: Deps, tenant_id: str, licence: HeldLicence, transaction: Transaction
) -> None:
    """Remember what a tenant holds and tell the gateways that what they decided before is void."""
    tenant = await deps.tenants.get(tenant_id, transaction.session)
    if tenant is None:
        raise UnknownTenantError(tenant_id)
    holding = tenant.holding(licence)
    if holding is tenant:
        log.info("stale_licence_ignored", licence_id=licence.licence_id)
        return
    await deps.tenants.save(
        holding, was=tenant.version, now=deps.now(), session=transaction.session
    )
    changed = TenantAccessChanged(tenant_id=tenant.id, reseller_id=tenant.reseller_id)
    transaction.publish(changed, sequence=holding.version)
