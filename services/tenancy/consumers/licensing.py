"""What tenancy does when licensing tells it something."""

from services.tenancy.actions.licences import note_licence
from services.tenancy.actions.orders import note_end, set_up_customer
from services.tenancy.deps import Deps
from services.tenancy.domain.licences import HeldLicence
from shared.contracts.licensing import (
    OPEN_END,
    LicenceChanged,
    LicenceCreated,
    LicenceOrderPlaced,
    LicenceOrderRejected,
)
from shared.inbox import Received
from shared.outbox import Transaction


async def licence_changed(
    deps: Deps, received: Received[LicenceChanged], transaction: Transaction
) -> None:
    changed = received.body
    licence = HeldLicence(
        licence_id=changed.licence_id,
        product=changed.product,
        seats=changed.seats or 0,
        ends_on=changed.ends_on,
        timeline=changed.timeline,
        sequence=received.sequence,
    )
    await note_licence(deps, changed.tenant_id, licence, transaction)
    if changed.former_tenant_id is not None:
        await note_licence(deps, changed.former_tenant_id, licence.gone(), transaction)


async def licence_created(
    deps: Deps, received: Received[LicenceCreated], transaction: Transaction
) -> None:
    created = received.body
    licence = HeldLicence(
        licence_id=created.licence_id,
        product=created.product,
        seats=created.seats,
        ends_on=None if created.ends_on == OPEN_END else created.ends_on,
        timeline=created.timeline,
        sequence=received.sequence,
    )
    await note_licence(deps, created.tenant_id, licence, transaction)


async def licence_order_placed(
    deps: Deps, received: Received[LicenceOrderPlaced], transaction: Transaction
) -> None:
    """Only an order for a new customer asks anything of tenancy."""
    wanted = received.body.new_customer
    if wanted is not None:
        await set_up_customer(deps, received.body, wanted, transaction)


async def licence_order_rejected(
    deps: Deps, received: Received[LicenceOrderRejected], transaction: Transaction
) -> None:
    await note_end(deps, received.body.order_id, transaction)
