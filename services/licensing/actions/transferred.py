"""A customer's licences go along when it is moved to another reseller."""

import structlog

from services.licensing.deps import Deps
from shared.contracts.tenancy import TenantTransferred
from shared.outbox import Transaction

log = structlog.get_logger()


async def hand_over_licences(
    deps: Deps, moved: TenantTransferred, sequence: int, transaction: Transaction
) -> None:
    """They keep their ids and all that happened to them; orders stay with whoever placed them."""
    session = transaction.session
    known = await deps.tenants.assign(
        moved.tenant_id, moved.reseller_id, moved.name, sequence, session
    )
    if not known:
        log.info("stale_transfer_ignored", tenant_id=moved.tenant_id)
        return
    await deps.licences.hand_over(moved.tenant_id, moved.reseller_id, session)
