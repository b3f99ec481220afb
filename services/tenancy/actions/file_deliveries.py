"""Filing what happened for the webhooks of whom it concerns, in one act with what happened."""

from services.tenancy.deps import Deps
from services.tenancy.domain.deliveries import Delivery
from services.tenancy.domain.webhook_events import OFFERED, told
from services.tenancy.domain.webhooks import Webhook, WebhookState
from shared.contracts.events import CloudEvent
from shared.ids import OrgKind, kind_of, new_id
from shared.outbox import Transaction


async def file_deliveries(deps: Deps, event: CloudEvent, place: str, tx: Transaction) -> None:
    """One delivery to each webhook of the place's reseller that wants the event.

    What comes after the first webhook was made is kept for all of them, to be replayed.
    """
    if event.type not in OFFERED:
        return
    reseller_id = await _reseller_of(deps, place, tx)
    webhooks = await deps.webhooks.of_reseller(reseller_id, tx.session) if reseller_id else []
    if reseller_id is None or not webhooks:
        return
    await deps.told_events.add(told(event), reseller_id, place, deps.now(), tx.session)
    ready = [
        one for one in webhooks if one.state is not WebhookState.ENDED and one.wants(event.type)
    ]
    deliveries = [delivery_of(deps, one, event.id, event.type, place) for one in ready]
    await deps.deliveries.add(deliveries, tx.session)


async def file_for_one(
    deps: Deps, webhook: Webhook, event: CloudEvent, tx: Transaction
) -> Delivery:
    """A delivery of this event to this webhook alone."""
    place, now = webhook.reseller_id, deps.now()
    await deps.told_events.add(event, webhook.reseller_id, place, now, tx.session)
    delivery = delivery_of(deps, webhook, event.id, event.type, place)
    await deps.deliveries.add([delivery], tx.session)
    return delivery


def delivery_of(
    deps: Deps, webhook: Webhook, event_id: str, event_type: str, place: str
) -> Delivery:
    now = deps.now()
    return Delivery(new_id(), webhook.id, event_id, event_type, place, now, due_at=now)


async def _reseller_of(deps: Deps, place: str, tx: Transaction) -> str | None:
    if kind_of(place) is OrgKind.RESELLER:
        return place
    return (await deps.tenants.resellers_of(frozenset({place}), tx.session)).get(place)
