"""Telling of what somebody has done to a licence, so that its people get it confirmed."""

from services.licensing.deps import Deps
from services.licensing.domain.ledger import CONFIRMED, Act, confirmed
from services.licensing.domain.licences import Licence
from shared.outbox import Transaction


async def confirm(
    deps: Deps,
    act: Act,
    before: Licence,
    after: Licence,
    transaction: Transaction,
    *,
    reason: str | None = None,
) -> None:
    """What time has done, or a customer's end, is not confirmed; a new licence was never another
    one before.
    """
    if act not in CONFIRMED:
        return
    customers = {before.tenant_id, after.tenant_id}
    names = {one: await deps.tenants.name_of(one, transaction.session) for one in customers}
    transaction.publish(confirmed(act, before, after, names, reason), sequence=after.version)
