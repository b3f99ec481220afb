"""Events of licensing that an organisation gets a mail about."""

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.templates import Template
from shared.contracts.licensing import LicenceOrderFulfilled, LicenceOrderRejected
from shared.inbox import Received
from shared.outbox import Transaction


async def licence_order_fulfilled(
    deps: Deps, event: Received[LicenceOrderFulfilled], tx: Transaction
) -> None:
    order = event.body
    words = {"order_id": order.order_id, "tenant_id": order.tenant_id}
    notice = Notice(order.reseller_id, Template.ORDER_FULFILLED, words)
    await write_to(deps, notice, event.envelope, tx)


async def licence_order_rejected(
    deps: Deps, event: Received[LicenceOrderRejected], tx: Transaction
) -> None:
    order = event.body
    words = {"order_id": order.order_id, "reason": order.reason}
    notice = Notice(order.reseller_id, Template.ORDER_REJECTED, words)
    await write_to(deps, notice, event.envelope, tx)
