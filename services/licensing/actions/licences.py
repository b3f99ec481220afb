"""Granting licences and reading them."""

from datetime import date

import structlog

from services.licensing.actions.keys import new_key
from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence, created
from services.licensing.domain.products import known_product
from services.licensing.store.newest import Position
from shared.errors import NotFoundError
from shared.mongo import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


async def grant_licence(  # noqa: PLR0913 a licence's own facts, each with its name
    deps: Deps,
    *,
    licence_id: str,
    tenant_id: str,
    reseller_id: str,
    product: str,
    seats: int,
    starts_on: date,
    ends_on: date,
) -> bool:
    """Give a tenant a licence without an order; False, and nothing changed, where it is there."""
    licence = Licence(
        id=licence_id,
        key=new_key(),
        product=known_product(product).id,
        seats=seats,
        starts_on=starts_on,
        ends_on=ends_on,
        tenant_id=tenant_id,
        reseller_id=reseller_id,
        created_at=deps.now(),
    )

    async def act(transaction: Transaction) -> None:
        await deps.licences.add(licence, transaction.session)
        transaction.publish(created(licence), sequence=licence.version)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return False
    log.info("licence_granted", licence_id=licence_id, tenant_id=tenant_id)
    return True


async def read_licence(deps: Deps, tenant_id: str, licence_id: str) -> Licence:
    licence = await deps.licences.get(tenant_id, licence_id)
    if licence is None:
        raise NotFoundError
    return licence


async def list_licences(
    deps: Deps, tenant_id: str, after: Position | None, limit: int
) -> list[Licence]:
    """The tenant's licences, newest first, and one more than asked for where there are more."""
    return await deps.licences.newest(tenant_id, after, limit + 1)
