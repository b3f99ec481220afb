"""Making the licence that an order asks for, in the act that fulfils the order."""

from datetime import timedelta

from services.licensing.actions.confirm import confirm
from services.licensing.actions.ledger import enter
from services.licensing.actions.licence_keys import new_key
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Whose
from services.licensing.domain.orders import Order, UnknownCustomerError, fulfilled
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.sales import NotOwnTenantError, depends_on_others, licence_for
from shared.ids import new_id
from shared.outbox import Transaction


async def sell(deps: Deps, order: Order, tenant_id: str, transaction: Transaction) -> Order:
    """The order fulfilled, its licence made; the caller keeps the order.

    UnknownCustomerError where it is not this reseller's, ConflictError of some kind where this
    customer can't have it.
    """
    session, now = transaction.session, deps.now()
    if not await deps.tenants.hold(order.reseller_id, tenant_id, session):
        raise UnknownCustomerError
    clock = await deps.tenants.clock_of(tenant_id, session)
    ahead = clock.ahead if clock else timedelta(0)
    if order.terms.model is LicenceModel.NFR and not await deps.resellers.claim_own_tenant(
        order.reseller_id, tenant_id, session
    ):
        raise NotOwnTenantError
    held = []
    if depends_on_others(order.terms):
        held = await deps.licences.newest(Whose(tenant_id=tenant_id), None, 0, session)
    licence = licence_for(
        order,
        held,
        tenant_id=tenant_id,
        reseller_number=await deps.tenants.reseller_number_of(tenant_id, session),
        licence_id=new_id(),
        key=new_key(),
        now=now + ahead,
    )
    licence = await enter(deps, Act.CREATED, None, licence, transaction)
    await confirm(deps, Act.CREATED, licence, licence, transaction)
    done, event = fulfilled(order, licence, now)
    transaction.publish(event, sequence=done.version)
    return done
