"""A reseller's customers: a new one without a licence order, and the list of all."""

from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.tenancy.actions.tenants import add_tenant, free_tenant_id
from services.tenancy.deps import Deps
from services.tenancy.domain.customer_limits import NoNewCustomersError
from services.tenancy.domain.customers import CustomerFilter
from services.tenancy.domain.email_domains import DomainTakenError
from services.tenancy.domain.tenants import OwnTenantExistsError, Tenant, TenantStatus
from shared.contracts.tenancy import FirstAdmin
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()
_AT_ONCE: Final = 200


@dataclass(frozen=True)
class NewCustomer:
    """Without a first admin it is only known; with one it is set up at once."""

    name: str
    locale: str
    reseller_number: str | None
    aliases: tuple[str, ...]
    email_domains: tuple[str, ...]
    admin: FirstAdmin | None
    sandbox: bool = False
    is_own: bool = False
    """Whether it is the reseller's own tenant."""

    def as_tenant(self, deps: Deps, tenant_id: str, reseller_id: str) -> Tenant:
        status = TenantStatus.ACTIVE if self.admin else TenantStatus.NOT_CONFIGURED
        return Tenant(
            id=tenant_id,
            name=self.name,
            reseller_id=reseller_id,
            locale=self.locale,
            reseller_number=self.reseller_number,
            aliases=self.aliases,
            email_domains=self.email_domains,
            status=status,
            sandbox=self.sandbox,
            is_own=self.is_own,
            created_at=deps.now(),
        )


async def create_customer(deps: Deps, reseller_id: str, wanted: NewCustomer, *, by: str) -> Tenant:
    """NoNewCustomersError for staff that is limited to some; OwnTenantExistsError,
    DomainTakenError.
    """

    async def act(transaction: Transaction) -> Tenant:
        if (await deps.limits.get(by, transaction.session)).only is not None:
            raise NoNewCustomersError
        if wanted.is_own and await deps.tenants.has_own(reseller_id, transaction.session):
            raise OwnTenantExistsError
        tenant_id = await free_tenant_id(deps, transaction.session)
        tenant = wanted.as_tenant(deps, tenant_id, reseller_id)
        await add_tenant(deps, tenant, wanted.admin, transaction)
        return tenant

    try:
        tenant = await deps.transact(act)
    except DuplicateKeyError as error:
        if wanted.is_own and await deps.tenants.has_own(reseller_id):
            raise OwnTenantExistsError from error
        raise DomainTakenError from error
    log.info("tenant_created", tenant_id=tenant.id, reseller_id=reseller_id)
    return tenant


async def list_customers(
    deps: Deps, reseller_id: str, which: CustomerFilter, limit: int, *, by: str
) -> list[Tenant]:
    """The reseller's customers that there are for whoever asks, also those without a licence, and
    one more than asked for where there are more.
    """
    shown = replace(which, only=(await deps.limits.get(by)).only)
    return await deps.tenants.customers_of(reseller_id, shown, limit + 1)


async def renew_lists(deps: Deps) -> None:
    """Show in the lists what time has done to licences. The work grows with what is due."""
    sweep = Sweep()
    while due := await deps.tenants.passed_on(deps.now(), _AT_ONCE, sweep.failed):
        for tenant in due:
            with sweep.over(tenant.id):
                await deps.tenants.renew(tenant, deps.now())
