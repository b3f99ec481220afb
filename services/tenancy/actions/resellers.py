"""Making and reading resellers, and listing whom they sell to."""

import structlog

from services.tenancy.deps import Deps
from services.tenancy.domain.customers import CustomerFilter
from services.tenancy.domain.resellers import Reseller, ResellerStatus
from services.tenancy.domain.tenants import Tenant
from shared.contracts.tenancy import ResellerCreated
from shared.errors import NotFoundError
from shared.mongo import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


async def create_reseller(deps: Deps, *, reseller_id: str, name: str, locale: str) -> bool:
    """Authorise a new reseller; False, and nothing changed, where there is one of this id."""
    reseller = Reseller(
        id=reseller_id,
        name=name,
        status=ResellerStatus.AUTHORISED,
        locale=locale,
        version=1,
        created_at=deps.now(),
    )

    async def act(transaction: Transaction) -> None:
        await deps.resellers.add(reseller, transaction.session)
        created = ResellerCreated(reseller_id=reseller.id, name=name, locale=locale)
        transaction.publish(created, sequence=reseller.version)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return False
    log.info("reseller_created", reseller_id=reseller_id)
    return True


async def read_reseller(deps: Deps, reseller_id: str) -> Reseller:
    reseller = await deps.resellers.get(reseller_id)
    if reseller is None:
        raise NotFoundError
    return reseller


async def list_customers(
    deps: Deps, reseller_id: str, which: CustomerFilter, limit: int
) -> list[Tenant]:
    """The reseller's customers, also those without a licence, and one more than asked for where
    there are more.
    """
    return await deps.tenants.customers_of(reseller_id, which, deps.now(), limit + 1)
