"""Setting up the customer that a licence order asks for."""

import secrets
from typing import Final

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.tenants import Tenant
from shared.contracts.licensing import LicenceOrderPlaced, NewCustomer
from shared.contracts.tenancy import FirstAdmin, TenantCreated, TenantRefused
from shared.outbox import Transaction

log = structlog.get_logger()
SUFFIX: Final = "sms"
_TRIES_PER_LENGTH: Final = 20


async def set_up_customer(
    deps: Deps, order: LicenceOrderPlaced, wanted: NewCustomer, transaction: Transaction
) -> None:
    """Make the tenant and name its first admin, or refuse where the reseller may have none."""
    reseller = await deps.resellers.get(order.reseller_id, transaction.session)
    if reseller is None or not reseller.is_authorised:
        refused = TenantRefused(
            order_id=order.order_id,
            reseller_id=order.reseller_id,
            reason="reseller_not_authorised",
        )
        await tell(deps, refused, sequence=1, transaction=transaction)
        log.warning("tenant_refused", order_id=order.order_id, reseller_id=order.reseller_id)
        return
    tenant = Tenant(
        id=await _free_id(deps, transaction),
        name=wanted.name,
        reseller_id=order.reseller_id,
        reseller_number=wanted.reseller_number,
        locale=wanted.locale,
        order_id=order.order_id,
        created_at=deps.now(),
    )
    await deps.tenants.add(tenant, transaction.session)
    created = _created(tenant, wanted)
    await tell(deps, created, sequence=tenant.version, transaction=transaction)
    log.info("tenant_created", tenant_id=tenant.id, order_id=order.order_id)


async def _free_id(deps: Deps, transaction: Transaction) -> str:
    """An id that nobody can foretell and nobody has; six digits, more when those grow scarce.

    The unique index has the last word: who loses a race is tried again with another number.
    """
    digits = 6
    while True:
        for _ in range(_TRIES_PER_LENGTH):
            number = 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))
            candidate = f"{number}.{SUFFIX}"
            if await deps.tenants.get(candidate, transaction.session) is None:
                return candidate
        digits += 1


def _created(tenant: Tenant, wanted: NewCustomer) -> TenantCreated:
    admin = FirstAdmin(
        username=wanted.admin_username,
        email=wanted.admin_email,
        display_name=wanted.admin_display_name,
        locale=wanted.locale,
    )
    return TenantCreated(
        tenant_id=tenant.id,
        name=tenant.name,
        reseller_id=tenant.reseller_id,
        locale=tenant.locale,
        order_id=tenant.order_id,
        first_admin=admin,
        reseller_number=tenant.reseller_number,
    )
