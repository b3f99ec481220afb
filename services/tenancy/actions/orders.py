"""Setting up the customer that a licence order asks for."""

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.actions.tenants import add_tenant, free_tenant_id
from services.tenancy.deps import Deps
from services.tenancy.domain.resellers import ResellerNotAuthorisedError
from services.tenancy.domain.tenants import Tenant
from services.tenancy.store.order_ends import First
from shared.contracts.licensing import LicenceOrderPlaced, NewCustomer
from shared.contracts.tenancy import FirstAdmin, TenantRefused
from shared.outbox import Transaction

log = structlog.get_logger()


async def set_up_customer(
    deps: Deps, order: LicenceOrderPlaced, wanted: NewCustomer, transaction: Transaction
) -> None:
    """Make the tenant and name its first admin, or refuse where the reseller may have none.

    An order that has ended before anybody came to set up its customer asks for nothing any more.
    """
    if not await deps.order_ends.is_first(order.order_id, First.SET_UP, transaction.session):
        log.warning("late_order_ignored", order_id=order.order_id)
        return
    tenant = Tenant(
        id=await free_tenant_id(deps, transaction.session),
        name=wanted.name,
        reseller_id=order.reseller_id,
        reseller_number=wanted.reseller_number,
        locale=wanted.locale,
        order_id=order.order_id,
        created_at=deps.now(),
    )
    try:
        await add_tenant(deps, tenant, _admin(wanted), transaction)
    except ResellerNotAuthorisedError as error:
        refused = TenantRefused(
            order_id=order.order_id, reseller_id=order.reseller_id, reason=error.code
        )
        await tell(deps, refused, sequence=1, transaction=transaction)
        log.warning("tenant_refused", order_id=order.order_id, reseller_id=order.reseller_id)
        return
    log.info("tenant_created", tenant_id=tenant.id, order_id=order.order_id)


async def note_end(deps: Deps, order_id: str, transaction: Transaction) -> None:
    """Remember that an order has ended without a licence, unless its customer is there already."""
    await deps.order_ends.is_first(order_id, First.ENDED, transaction.session)


def _admin(wanted: NewCustomer) -> FirstAdmin:
    return FirstAdmin(
        username=wanted.admin_username,
        email=wanted.admin_email,
        display_name=wanted.admin_display_name,
        locale=wanted.locale,
    )
