"""Reading and changing what a tenant decides for itself."""

from datetime import datetime

import structlog

from services.tenancy.deps import Deps
from services.tenancy.domain.tenant_settings import TenantSettings
from shared.contracts.tenancy import TenantSettingsChanged
from shared.errors import NotFoundError, PreconditionError
from shared.mongo import DuplicateKeyError, Session
from shared.outbox import Transaction

log = structlog.get_logger()


async def read_settings(
    deps: Deps, tenant_id: str, session: Session | None = None
) -> TenantSettings:
    if await deps.tenants.get(tenant_id, session) is None:
        raise NotFoundError
    return await deps.tenant_settings.get(tenant_id, session)


async def require_totp(
    deps: Deps, tenant_id: str, *, was: int, since: datetime | None
) -> TenantSettings:
    """Set or lift the tenant's own date, if its settings are still as the caller read them."""

    async def act(transaction: Transaction) -> TenantSettings:
        settings = await read_settings(deps, tenant_id, transaction.session)
        if settings.version != was:
            raise PreconditionError
        changed = settings.requiring_totp(since, latest=deps.totp_required_from)
        if changed is not settings:
            await deps.tenant_settings.save(changed, transaction.session)
            told = TenantSettingsChanged(
                tenant_id=tenant_id, totp_required_from=changed.totp_required_from
            )
            transaction.publish(told, sequence=changed.version)
        return changed

    try:
        changed = await deps.transact(act)
    except DuplicateKeyError as error:  # somebody else decided something for the first time
        raise PreconditionError from error
    log.info("tenant_settings_changed", tenant_id=tenant_id, version=changed.version)
    return changed
