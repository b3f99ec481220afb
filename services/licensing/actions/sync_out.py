"""Telling the Reseller Portal what becomes of licences and orders, and comparing all."""

from collections.abc import AsyncIterator, Iterable, Mapping

from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence
from services.licensing.domain.orders import Order
from shared.contracts.licensing import (
    LicenceOrderRecorded,
    LicenceRecorded,
    LicensingChecksumsReported,
    LicensingDriftReported,
)
from shared.contracts.reseller_portal import ChecksumsCompared, RecordsCompared
from shared.contracts.sync import IdRange
from shared.drift import Kept, Reader, answer_checksums, answer_comparison
from shared.inbox import Received
from shared.outbox import Transaction


def tell_licence(before: Licence | None, after: Licence, tx: Transaction) -> None:
    """Tell it where anything has changed that is told."""
    if before is None or _licence(before) != _licence(after):
        tx.publish(_licence(after), sequence=after.version)


def tell_order(order: Order, tx: Transaction) -> None:
    tx.publish(_order(order), sequence=order.version)


async def compare(deps: Deps, received: Received[RecordsCompared], tx: Transaction) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_comparison(received, readers, LicensingDriftReported, tx)


async def compare_checksums(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_checksums(received, readers, LicensingChecksumsReported, tx)


def _readers(deps: Deps, reseller_id: str, tx: Transaction) -> Mapping[str, Reader]:
    async def licences(within: IdRange) -> AsyncIterator[Iterable[Kept]]:
        async for portion in deps.licences.portions_of(reseller_id, within, tx.session):
            yield (Kept(_licence(one), one.version) for one in portion)

    async def orders(within: IdRange) -> AsyncIterator[Iterable[Kept]]:
        async for portion in deps.orders.portions_of(reseller_id, within, tx.session):
            yield (Kept(_order(one), one.version) for one in portion)

    return {"licence": licences, "licence_order": orders}


def _licence(licence: Licence) -> LicenceRecorded:
    return LicenceRecorded(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        reseller_id=licence.reseller_id,
        product=licence.product,
        model=licence.model.value,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        seats=licence.seats,
        status=_status(licence),
        order_id=licence.order_id,
    )


def _status(licence: Licence) -> str:
    """What was decided, also where it takes effect later; never what time does."""
    if licence.revoked_at is not None:
        return "revoked"
    if licence.cancelled_at is not None:
        return "cancelled"
    return "suspended" if licence.suspended_at is not None else "running"


def _order(order: Order) -> LicenceOrderRecorded:
    return LicenceOrderRecorded(
        order_id=order.id,
        reseller_id=order.reseller_id,
        product=order.terms.product,
        model=order.terms.model.value,
        seats=order.terms.seats,
        term_months=order.terms.term_months,
        status=order.status.value,
        tenant_id=order.tenant_id,
        licence_id=order.licence_id,
        reason=order.reason,
    )
