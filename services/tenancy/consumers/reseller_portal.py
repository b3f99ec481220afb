"""Messages of the Reseller Portal that tenancy takes in."""

from services.tenancy.actions import sync_in, sync_out
from services.tenancy.deps import Deps
from shared.contracts.reseller_portal import (
    ChecksumsCompared,
    CompanyRemoved,
    CompanyUpserted,
    CustomerRemoved,
    CustomerUpserted,
    RecordsCompared,
    UnknownSent,
)
from shared.errors import InvalidError
from shared.inbox import Received
from shared.outbox import Transaction


class UnknownTypeError(InvalidError):
    code = "unknown_type"
    pointer = "#/type"
    detail = "Nobody here reads messages of this type."


async def company_upserted(
    deps: Deps, received: Received[CompanyUpserted], tx: Transaction
) -> bool:
    return await sync_in.upsert_company(deps, received.body, received.sequence, tx)


async def company_removed(deps: Deps, received: Received[CompanyRemoved], tx: Transaction) -> bool:
    return await sync_in.remove_company(deps, received.body, received.sequence, tx)


async def customer_upserted(
    deps: Deps, received: Received[CustomerUpserted], tx: Transaction
) -> bool:
    return await sync_in.upsert_customer(deps, received.body, received.sequence, tx)


async def customer_removed(
    deps: Deps, received: Received[CustomerRemoved], tx: Transaction
) -> bool:
    return await sync_in.remove_customer(deps, received.body, received.sequence, tx)


async def checksums_compared(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    return await sync_out.compare_checksums(deps, received, tx)


async def records_compared(
    deps: Deps, received: Received[RecordsCompared], tx: Transaction
) -> bool:
    return await sync_out.compare(deps, received, tx)


async def unknown_sent(_: Deps, __: Received[UnknownSent], ___: Transaction) -> bool:
    raise UnknownTypeError
