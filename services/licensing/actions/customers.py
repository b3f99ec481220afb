"""What licensing does when it hears of resellers and tenants."""

import structlog

from services.licensing.actions.keys import new_key
from services.licensing.deps import Deps
from services.licensing.domain.licences import created
from services.licensing.domain.orders import UnknownOrderError, fulfilled, licence_for, rejected
from services.licensing.domain.resellers import KnownReseller
from shared.contracts.tenancy import TenantCreated, TenantRefused
from shared.ids import new_id
from shared.outbox import Transaction

log = structlog.get_logger()


async def note_tenant(deps: Deps, tenant: TenantCreated, transaction: Transaction) -> None:
    """Remember whose customer it is and fulfil the order that asked for it, where one did."""
    session = transaction.session
    await deps.tenants.note(tenant.tenant_id, tenant.reseller_id, tenant.name, session)
    if tenant.order_id is None:
        return
    order = await deps.orders.get(tenant.reseller_id, tenant.order_id, session)
    if order is None:
        raise UnknownOrderError(tenant.order_id)
    if not order.is_open:
        return
    licence = licence_for(
        order, tenant_id=tenant.tenant_id, licence_id=new_id(), key=new_key(), now=deps.now()
    )
    done, event = fulfilled(order, licence)
    await deps.orders.save(done, was=order.version, session=session)
    await deps.licences.add(licence, session)
    transaction.publish(created(licence), sequence=licence.version)
    transaction.publish(event, sequence=done.version)
    log.info("licence_order_fulfilled", order_id=order.id, licence_id=licence.id)


async def reject_order(deps: Deps, refused: TenantRefused, transaction: Transaction) -> None:
    """End the order whose customer can't be had."""
    session = transaction.session
    order = await deps.orders.get(refused.reseller_id, refused.order_id, session)
    if order is None:
        raise UnknownOrderError(refused.order_id)
    if not order.is_open:
        return
    done, event = rejected(order, refused.reason)
    await deps.orders.save(done, was=order.version, session=session)
    transaction.publish(event, sequence=done.version)
    log.info("licence_order_rejected", order_id=order.id, reason=refused.reason)


async def note_reseller(deps: Deps, reseller: KnownReseller, transaction: Transaction) -> None:
    """Remember who may order, unless something later is known."""
    known = await deps.resellers.get(reseller.id, transaction.session)
    if known is not None and known.sequence >= reseller.sequence:
        log.info("stale_reseller_ignored", reseller_id=reseller.id)
        return
    await deps.resellers.note(reseller, transaction.session)
