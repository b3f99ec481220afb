"""Telling the Reseller Portal what becomes of licences and orders, and comparing all."""

from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence, Whose
from services.licensing.domain.orders import Order
from shared.contracts.licensing import (
    LicenceOrderRecorded,
    LicenceRecorded,
    LicensingDriftReported,
)
from shared.contracts.reseller_portal import RecordsCompared
from shared.drift import Kept, answer_comparison
from shared.inbox import Received
from shared.outbox import Transaction


def tell_licence(before: Licence | None, after: Licence, tx: Transaction) -> None:
    """Tell it where anything has changed that is told."""
    if before is None or _licence(before) != _licence(after):
        tx.publish(_licence(after), sequence=after.version)


def tell_order(order: Order, tx: Transaction) -> None:
    tx.publish(_order(order), sequence=order.version)


async def compare(deps: Deps, received: Received[RecordsCompared], tx: Transaction) -> bool:
    said, kept = received.body, {}
    if "licence" in said.digests:
        whose = Whose(reseller_id=said.reseller_id)
        licences = await deps.licences.newest(whose, None, 0, tx.session)
        kept["licence"] = [Kept(_licence(one), one.version) for one in licences]
    if "licence_order" in said.digests:
        orders = await deps.orders.all_of(said.reseller_id, tx.session)
        kept["licence_order"] = [Kept(_order(one), one.version) for one in orders]
    return answer_comparison(received, kept, LicensingDriftReported, tx)


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
