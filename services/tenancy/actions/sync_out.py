"""Telling the Reseller Portal what changes here of companies and customers, and comparing all."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

from services.tenancy.deps import Deps
from services.tenancy.domain.resellers import Reseller
from services.tenancy.domain.tenants import Tenant
from shared.contracts.events import Event
from shared.contracts.reseller_portal import ChecksumsCompared, RecordsCompared
from shared.contracts.sync import IdRange
from shared.contracts.tenancy import (
    CompanyRecorded,
    CustomerRecorded,
    OffboardingBegun,
    OffboardingCancelled,
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
    TenancyChecksumsReported,
    TenancyDriftReported,
    TenantConfigured,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantResumed,
    TenantSuspended,
    TenantTransferred,
)
from shared.drift import Kept, Reader, answer_checksums, answer_comparison
from shared.inbox import Received
from shared.outbox import Transaction
from shared.sync import is_echo

_OF_COMPANIES: Final = (
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
)
_OF_CUSTOMERS: Final = (
    OffboardingBegun,
    OffboardingCancelled,
    TenantConfigured,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantResumed,
    TenantSuspended,
    TenantTransferred,
)


async def record(deps: Deps, event: Event, tx: Transaction) -> None:
    """Tell what has changed with this event, unless that is what we were just told."""
    if is_echo():
        return
    if isinstance(event, _OF_COMPANIES):
        reseller = await deps.resellers.get(event.reseller_id, tx.session)
        if reseller is not None:
            tx.publish(_company(reseller), sequence=reseller.version)
    elif isinstance(event, _OF_CUSTOMERS):
        tenant = await deps.tenants.get(event.tenant_id, tx.session)
        if tenant is not None:
            tx.publish(_customer(tenant), sequence=tenant.version)


async def compare(deps: Deps, received: Received[RecordsCompared], tx: Transaction) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_comparison(received, readers, TenancyDriftReported, tx)


async def compare_checksums(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_checksums(received, readers, TenancyChecksumsReported, tx)


def _readers(deps: Deps, reseller_id: str, tx: Transaction) -> Mapping[str, Reader]:
    async def companies(within: IdRange) -> AsyncIterator[Iterable[Kept]]:
        reseller = await deps.resellers.get(reseller_id, tx.session)
        if reseller is not None and within.holds(reseller.id):
            yield [Kept(_company(reseller), reseller.version)]

    async def customers(within: IdRange) -> AsyncIterator[Iterable[Kept]]:
        async for portion in deps.tenants.portions_of(reseller_id, within, tx.session):
            yield (Kept(_customer(one), one.version) for one in portion)

    return {"company": companies, "customer": customers}


def _company(reseller: Reseller) -> CompanyRecorded:
    return CompanyRecorded(
        reseller_id=reseller.id,
        name=reseller.name,
        locale=reseller.locale,
        status=reseller.status.value,
    )


def _customer(tenant: Tenant) -> CustomerRecorded:
    return CustomerRecorded(
        tenant_id=tenant.id,
        reseller_id=tenant.reseller_id,
        name=tenant.name,
        locale=tenant.locale,
        status=tenant.status.value,
        reseller_number=tenant.reseller_number,
    )
