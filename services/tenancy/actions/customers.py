"""Listing whom a reseller sells to."""

from services.tenancy.deps import Deps
from services.tenancy.domain.customers import CustomerFilter
from services.tenancy.domain.tenants import Tenant


async def list_customers(
    deps: Deps, reseller_id: str, which: CustomerFilter, limit: int
) -> list[Tenant]:
    """The reseller's customers, also those without a licence, and one more than asked for where
    there are more.
    """
    return await deps.tenants.customers_of(reseller_id, which, deps.now(), limit + 1)
