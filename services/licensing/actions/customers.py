"""What licensing does when it hears of resellers and tenants."""

from typing import Final

import structlog

from services.licensing.actions.ledger import draw_seats, enter
from services.licensing.actions.sell import sell
from services.licensing.actions.sync_out import tell_order
from services.licensing.deps import Deps
from services.licensing.domain.changes import revoked
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import OVER, Whose, state
from services.licensing.domain.orders import (
    Order,
    UnknownCustomerError,
    UnknownOrderError,
    UnknownTenantError,
    rejected,
    set_up,
)
from services.licensing.domain.resellers import KnownReseller, UnknownResellerError
from services.licensing.domain.sales import NotOwnTenantError
from services.licensing.domain.sandbox import now_of
from shared.contracts.tenancy import StaffLimited, TenantCreated, TenantEdited, TenantRefused
from shared.outbox import Transaction

log = structlog.get_logger()
_GONE: Final = "The customer was deleted."


async def note_tenant(deps: Deps, tenant: TenantCreated, transaction: Transaction) -> None:
    """Remember whose customer it is and fulfil the order that asked for it, where one did."""
    session = transaction.session
    await deps.tenants.note(tenant, session)
    if tenant.own_tenant and not await deps.resellers.set_own_tenant(
        tenant.reseller_id, tenant.tenant_id, session
    ):
        raise UnknownResellerError(tenant.reseller_id)
    if tenant.order_id is None:
        return
    order = await deps.orders.get(tenant.reseller_id, tenant.order_id, session)
    if order is None:
        raise UnknownOrderError(tenant.order_id)
    done = known = set_up(order, tenant.tenant_id, deps.now())
    if order.is_open:
        try:
            done = await sell(deps, known, tenant.tenant_id, transaction)
        except (NotOwnTenantError, UnknownCustomerError) as error:
            done = await end_order(deps, known, error.code, transaction)
        else:
            log.info("licence_order_fulfilled", order_id=order.id, licence_id=done.licence_id)
    await deps.orders.save(done, was=order.version, session=session)
    tell_order(done, transaction)


async def edit_tenant(
    deps: Deps, edited: TenantEdited, sequence: int, transaction: Transaction
) -> None:
    """Remember what it is called, where it is and what its reseller calls it."""
    if not await deps.tenants.edit(edited, sequence, transaction.session):
        raise UnknownTenantError(edited.tenant_id)


async def reject_order(deps: Deps, refused: TenantRefused, transaction: Transaction) -> None:
    """End the order whose customer can't be had."""
    order = await deps.orders.get(refused.reseller_id, refused.order_id, transaction.session)
    if order is None:
        raise UnknownOrderError(refused.order_id)
    if order.is_open:
        done = await end_order(deps, order, refused.reason, transaction)
        await deps.orders.save(done, was=order.version, session=transaction.session)
        tell_order(done, transaction)


async def end_order(deps: Deps, order: Order, reason: str, transaction: Transaction) -> Order:
    """The order ended without a licence, its seats given back; the caller keeps it."""
    terms = order.terms
    await draw_seats(deps, order.reseller_id, terms.product, -order.drawn, transaction)
    done, event = rejected(order, reason, deps.now())
    transaction.publish(event, sequence=done.version)
    log.info("licence_order_rejected", order_id=order.id, reason=reason)
    return done


async def note_reseller(deps: Deps, reseller: KnownReseller, transaction: Transaction) -> None:
    """Remember who may order, unless something later is known."""
    known = await deps.resellers.get(reseller.id, transaction.session)
    if known is not None and known.sequence >= reseller.sequence:
        log.info("stale_reseller_ignored", reseller_id=reseller.id)
        return
    await deps.resellers.note(reseller, transaction.session)


async def limit_staff(
    deps: Deps, limit: StaffLimited, sequence: int, transaction: Transaction
) -> None:
    """Remember which customers there are for somebody of the staff."""
    await deps.limits.note(limit.account_id, limit.customers, sequence, transaction.session)


async def delete_tenant(deps: Deps, tenant_id: str, transaction: Transaction) -> None:
    """No order is for it any more, and none of its licences is good; a job deletes them and its
    devices. Their files are told to be revoked for as long as one may still be about.
    """
    session, now = transaction.session, deps.now()
    held = await deps.licences.newest(Whose(tenant_id=tenant_id), None, 0, session)
    for licence in held:
        at = now_of(licence, now)
        if state(licence, at) not in OVER:
            after = revoked(licence, at)
            await enter(deps, Act.REVOKED, licence, after, transaction, reason=_GONE)
    until = now + deps.file_rules.life
    await deps.revocations.keep((licence.id for licence in held), until, session)
    await deps.tenants.forget(tenant_id, session)
    await deps.purges.note(tenant_id, now, session)


async def purge_deleted(deps: Deps) -> None:
    """Delete what deleted tenants still have."""
    await deps.purges.carry_out(deps.belongings.delete_some)
