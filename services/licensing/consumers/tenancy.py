"""What licensing does when tenancy tells it something."""

from typing import TypeVar

from services.licensing.actions.customers import (
    delete_tenant,
    edit_tenant,
    limit_staff,
    note_reseller,
    note_tenant,
    reject_order,
)
from services.licensing.actions.transferred import hand_over_licences
from services.licensing.deps import Deps
from services.licensing.domain.resellers import KnownReseller
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
    StaffLimited,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantRefused,
    TenantTransferred,
)
from shared.inbox import Received
from shared.outbox import Transaction

R = TypeVar(
    "R",
    bound=ResellerAuthorised
    | ResellerChanged
    | ResellerCreated
    | ResellerResumed
    | ResellerSuspended
    | ResellerTerminated,
)


async def reseller_changed(deps: Deps, received: Received[R], transaction: Transaction) -> None:
    said = received.body
    is_authorised = said.status == "authorised"
    reseller = KnownReseller(said.reseller_id, said.name, is_authorised, received.sequence)
    await note_reseller(deps, reseller, transaction)


async def staff_limited(
    deps: Deps, received: Received[StaffLimited], transaction: Transaction
) -> None:
    await limit_staff(deps, received.body, received.sequence, transaction)


async def tenant_created(
    deps: Deps, received: Received[TenantCreated], transaction: Transaction
) -> None:
    await note_tenant(deps, received.body, transaction)


async def tenant_deleted(
    deps: Deps, received: Received[TenantDeleted], transaction: Transaction
) -> None:
    await delete_tenant(deps, received.body.tenant_id, transaction)


async def tenant_edited(
    deps: Deps, received: Received[TenantEdited], transaction: Transaction
) -> None:
    await edit_tenant(deps, received.body, received.sequence, transaction)


async def tenant_refused(
    deps: Deps, received: Received[TenantRefused], transaction: Transaction
) -> None:
    await reject_order(deps, received.body, transaction)


async def tenant_transferred(
    deps: Deps, received: Received[TenantTransferred], transaction: Transaction
) -> None:
    await hand_over_licences(deps, received.body, received.sequence, transaction)
