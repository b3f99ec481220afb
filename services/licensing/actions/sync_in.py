"""Carrying out the licence orders that the Reseller Portal sends, each once.

It owns that there is an order and what it asks for; what becomes of it is decided here.
"""

import structlog

from services.licensing.actions.orders import place_in
from services.licensing.deps import Deps
from services.licensing.domain.orders import Order, Terms, UnknownCustomerError, Wish
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.sales import TrialUsedError, must_be_whole
from shared.contracts.reseller_portal import LicenceOrderOrdered
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction
from shared.sync import ForeignRecordError, NotYetKnownError

log = structlog.get_logger()


async def take_order(deps: Deps, said: LicenceOrderOrdered, sequence: int, tx: Transaction) -> bool:
    """Place it under its own id, which nobody else's may have."""
    known = await deps.synced.get(said.order_id, tx)
    if known is not None and known.reseller_id == said.reseller_id:
        return False
    if known is not None or await deps.orders.is_taken(said.order_id, tx.session):
        raise ForeignRecordError
    terms = Terms(said.product, said.seats, said.term_months, LicenceModel(said.model))
    must_be_whole(terms, is_new_customer=False, now=deps.now())
    if await deps.resellers.get(said.reseller_id, tx.session) is None:
        raise NotYetKnownError("unknown_company")
    order = Order(said.order_id, said.reseller_id, terms, placed_at=deps.now())
    try:
        await place_in(deps, order, Wish(terms, tenant_id=said.tenant_id), tx)
    except UnknownCustomerError as error:
        raise NotYetKnownError(error.code) from error
    except DuplicateKeyError as error:
        if terms.model is LicenceModel.TRIAL:
            raise TrialUsedError from error
        raise
    await deps.synced.note(said.order_id, said.reseller_id, sequence, tx)
    log.info("licence_order_taken", order_id=order.id, reseller_id=order.reseller_id)
    return True
