"""Handing seats to resellers."""

from collections.abc import Sequence

import structlog

from services.licensing.deps import Deps
from services.licensing.domain.products import known_product
from services.licensing.domain.quotas import Quota, QuotaBelowDrawnError
from shared.errors import PreconditionError, UnavailableError

log = structlog.get_logger()


async def list_quotas(deps: Deps, reseller_id: str) -> Sequence[Quota]:
    return await deps.quotas.of_reseller(reseller_id)


async def read_quota(deps: Deps, reseller_id: str, product: str) -> Quota:
    return await deps.quotas.get(reseller_id, known_product(product).id)


async def set_quota(
    deps: Deps, reseller_id: str, product: str, seats: int | None, *, was: int
) -> Quota:
    """Set what a reseller may have out, if this version of the quota is still the last.

    QuotaBelowDrawnError where more is out already.
    """
    known_product(product)
    if await deps.resellers.get(reseller_id) is None:
        raise UnavailableError(retry_after_seconds=1)  # tenancy knows it, we are yet to hear
    is_set = await deps.quotas.put(Quota(reseller_id, product, seats), was=was)
    kept = await deps.quotas.get(reseller_id, product)
    if not is_set:
        raise QuotaBelowDrawnError if kept.version == was else PreconditionError
    log.info("quota_set", reseller_id=reseller_id, product=product)
    return kept
