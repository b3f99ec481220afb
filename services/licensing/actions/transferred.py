"""A customer's licences go along when it is moved to another reseller."""

import structlog

from services.licensing.actions.ledger import enter
from services.licensing.deps import Deps
from services.licensing.domain.changes import handed_over
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Whose
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
    held = await deps.licences.newest(Whose(tenant_id=moved.tenant_id), None, 0, session)
    for licence in held:
        after = handed_over(licence, moved.reseller_id)
        if after != licence:
            await enter(deps, Act.HANDED_OVER, licence, after, transaction, reason=moved.reason)
