"""Granting licences and reading them."""

from datetime import date, datetime

import structlog

from services.licensing.actions.ledger import enter
from services.licensing.actions.licence_keys import new_key
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Entitlement, Licence, Whose
from services.licensing.domain.products import known_product
from shared.errors import NotFoundError
from shared.mongo.errors import DuplicateKeyError
from shared.newest import Position
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
    template = known_product(product)
    licence = Licence(
        id=licence_id,
        key=new_key(),
        product=template.id,
        seats=seats,
        starts_on=starts_on,
        ends_on=ends_on,
        tenant_id=tenant_id,
        reseller_id=reseller_id,
        entitlements=tuple(map(Entitlement, template.entitlements)),
        created_at=deps.now(),
    )

    async def act(transaction: Transaction) -> None:
        await enter(deps, Act.CREATED, None, licence, transaction)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return False
    log.info("licence_granted", licence_id=licence_id, tenant_id=tenant_id)
    return True


async def read_licence(deps: Deps, whose: Whose, licence_id: str) -> Licence:
    """The licence as it is; one answer for a foreign one and none."""
    licence = await deps.licences.find(whose, licence_id)
    if licence is None:
        raise NotFoundError
    return licence


async def read_licence_as_of(
    deps: Deps, whose: Whose, licence_id: str, at: datetime, *, reader: Whose
) -> Licence:
    """The licence as it was at an instant, where it was the reader's then."""
    await read_licence(deps, whose, licence_id)
    licence = await deps.ledger.as_of(reader, licence_id, at)
    if licence is None:
        raise NotFoundError
    return licence


async def list_licences(
    deps: Deps, whose: Whose, after: Position | None, limit: int
) -> list[Licence]:
    """Licences, newest first, and one more than asked for where there are more."""
    return await deps.licences.newest(whose, after, limit + 1)


async def read_history(
    deps: Deps, whose: Whose, licence_id: str, before: int | None, limit: int, *, reader: Whose
) -> list[Entry]:
    """What was done to the licence since it was the reader's, the last first, and one more where
    there is more. What went before is the business of whoever had it then.
    """
    await read_licence(deps, whose, licence_id)
    return await deps.ledger.newest(reader, licence_id, before, limit + 1)
