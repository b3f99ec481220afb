"""The vendor's support enters a tenant: one person, for a reason, for a while."""

from datetime import timedelta
from typing import Final

import structlog

from services.tenancy.actions.delegation import CustomersOwnError, known_tenant, void_decisions
from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.support_access import SupportAccess
from shared.contracts.tenancy import SupportAccessBegun, SupportAccessEnded
from shared.errors import ForbiddenError, NotFoundError
from shared.ids import VENDOR, new_id
from shared.outbox import Transaction

log = structlog.get_logger()
SHOWN: Final = 200


async def enter(
    deps: Deps, tenant_id: str, *, by_org: str, account: str, reason: str, stay: timedelta
) -> SupportAccess:
    if by_org != VENDOR:
        raise ForbiddenError
    now = deps.now()
    access = SupportAccess(new_id(), tenant_id, account, reason, now, now + stay)

    async def act(transaction: Transaction) -> None:
        tenant = await known_tenant(deps, tenant_id, transaction.session)
        await deps.support_accesses.save(access, transaction.session)
        told = SupportAccessBegun(
            access_id=access.id,
            tenant_id=tenant_id,
            account_id=account,
            reason=reason,
            until=access.ends_at,
        )
        await tell(deps, told, sequence=1, transaction=transaction)
        void_decisions(transaction, tenant)

    await deps.transact(act)
    log.info("support_access_begun", tenant_id=tenant_id, access_id=access.id)
    return access


async def list_support_accesses(deps: Deps, tenant_id: str) -> list[SupportAccess]:
    """The latest ones, newest first."""
    await known_tenant(deps, tenant_id)
    return await deps.support_accesses.latest(tenant_id, SHOWN)


async def end_support_access(deps: Deps, tenant_id: str, access_id: str, *, by_org: str) -> None:
    """The customer shows support out; what is over already stays as it is."""
    if by_org != tenant_id:
        raise CustomersOwnError

    async def act(transaction: Transaction) -> None:
        session, now = transaction.session, deps.now()
        access = await deps.support_accesses.get(access_id, session)
        if access is None or access.tenant_id != tenant_id:
            raise NotFoundError
        if access.ends_at <= now:
            return
        tenant = await known_tenant(deps, tenant_id, session)
        ended = SupportAccess(**{**vars(access), "ends_at": now})
        await deps.support_accesses.save(ended, session)
        told = SupportAccessEnded(
            access_id=access_id, tenant_id=tenant_id, account_id=access.account
        )
        await tell(deps, told, sequence=2, transaction=transaction)
        void_decisions(transaction, tenant)

    await deps.transact(act)
