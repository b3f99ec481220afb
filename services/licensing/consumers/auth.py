"""What licensing does when auth tells it something."""

from services.licensing.actions.stale_orders import note_invitation
from services.licensing.deps import Deps
from shared.contracts.auth import FirstAdminInvited
from shared.inbox import Received
from shared.outbox import Transaction


async def first_admin_invited(
    deps: Deps, received: Received[FirstAdminInvited], transaction: Transaction
) -> None:
    invited, at = received.body, received.envelope.time
    await note_invitation(deps, invited.reseller_id, invited.order_id, at, transaction)
