"""What was delivered to a webhook, and delivering it again."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from services.tenancy.actions.file_deliveries import delivery_of
from services.tenancy.actions.tell import tell
from services.tenancy.actions.webhooks import facts, find_webhook
from services.tenancy.deps import Deps
from services.tenancy.domain.deliveries import Delivery, DeliveryState, DeliveryWaitsError
from services.tenancy.domain.webhook_events import OFFERED
from services.tenancy.domain.webhooks import Webhook, WebhookNotActiveError, WebhookState
from shared.contracts.tenancy import WebhookReplayed
from shared.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    NotFoundError,
    PreconditionError,
)
from shared.newest import Position
from shared.outbox import Transaction

log = structlog.get_logger()
AT_ONCE = 1000
"""Events of one replay."""


class RangeTooWideError(ConflictError):
    code = "range_too_wide"
    detail = f"More than {AT_ONCE} events happened then. Replay it in several parts."


class RangeBackwardsError(InvalidError):
    code = "range_backwards"

    def __init__(self) -> None:
        flaw = FieldError("#/body/until", "range", "It comes after `since`.")
        super().__init__(fields=[flaw])


@dataclass(frozen=True)
class Range:
    """What is to be delivered again: `since` is within, `until` is not."""

    since: datetime
    until: datetime
    types: frozenset[str] | None


async def list_deliveries(
    deps: Deps,
    reseller_id: str,
    webhook_id: str,
    state: DeliveryState | None,
    after: Position | None,
    limit: int,
) -> list[Delivery]:
    """Newest first, and one more than asked for where there are more."""
    webhook = await find_webhook(deps, reseller_id, webhook_id)
    return await deps.deliveries.page(webhook.id, state, after, limit + 1)


async def retry_delivery(
    deps: Deps, reseller_id: str, webhook_id: str, delivery_id: str
) -> Delivery:
    """Send one again, at once and with all attempts before it.

    NotFoundError, WebhookNotActiveError, DeliveryWaitsError while it is being sent.
    """

    async def act(transaction: Transaction) -> Delivery:
        session = transaction.session
        webhook = await find_webhook(deps, reseller_id, webhook_id, session)
        _must_be_active(webhook)
        delivery = await deps.deliveries.find(webhook_id, delivery_id, session)
        if delivery is None:
            raise NotFoundError
        if delivery.due_at is not None and delivery.due_at <= deps.now():
            raise DeliveryWaitsError
        again = replace(
            delivery, state=DeliveryState.WAITING, due_at=deps.now(), attempts=0, reason=None
        )
        if not await deps.deliveries.save(again, session):
            raise PreconditionError
        return again

    again = await deps.transact(act)
    log.info("delivery_retried", webhook_id=webhook_id, delivery_id=delivery_id)
    return again


async def replay(deps: Deps, reseller_id: str, webhook_id: str, which: Range) -> int:
    """Send all events of a range, those that were delivered too; returns how many are to come.

    NotFoundError, WebhookNotActiveError, RangeTooWideError, RangeBackwardsError.
    """
    if which.since >= which.until:
        raise RangeBackwardsError

    async def act(transaction: Transaction) -> int:
        session = transaction.session
        webhook = await find_webhook(deps, reseller_id, webhook_id, session)
        _must_be_active(webhook)
        types = sorted(name for name in OFFERED if _is_wanted(webhook, which, name))
        found = await deps.told_events.between(
            reseller_id, which.since, which.until, types, AT_ONCE + 1
        )
        if len(found) > AT_ONCE:
            raise RangeTooWideError
        ids = [one.id for one in found]
        known = await deps.deliveries.known(webhook_id, ids, session)
        count = await deps.deliveries.again(webhook_id, sorted(known), deps.now(), session)
        fresh = [
            delivery_of(deps, webhook, one.id, one.type, one.place)
            for one in found
            if one.id not in known
        ]
        await deps.deliveries.add(fresh, session)
        told = WebhookReplayed(
            **facts(webhook), since=which.since, until=which.until, count=count + len(fresh)
        )
        await tell(deps, told, sequence=webhook.version, transaction=transaction)
        return count + len(fresh)

    count = await deps.transact(act)
    log.info("webhook_replayed", webhook_id=webhook_id, count=count)
    return count


def _must_be_active(webhook: Webhook) -> None:
    if webhook.state is not WebhookState.ACTIVE:
        raise WebhookNotActiveError


def _is_wanted(webhook: Webhook, which: Range, event_type: str) -> bool:
    return webhook.wants(event_type) and (which.types is None or event_type in which.types)
