"""Delivering what is due: take a webhook's turn, send what waits for it one by one, let it rest.

One replica at a time sends to a webhook, so what is due goes in its order; a turn that nobody goes
on with ends by itself. Until an outcome is kept a delivery waits, so what a killed replica had sent
and not noted is sent again, under the same id.
"""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.actions.webhooks import facts
from services.tenancy.actions.who_may_hear import may_hear
from services.tenancy.deps import Deps
from services.tenancy.domain.deliveries import Answer, Delivery, Reason, after, dropped, hold
from services.tenancy.domain.resellers import ResellerStatus
from services.tenancy.domain.webhooks import Webhook, WebhookState, signatures
from services.tenancy.store.webhook_turns import Turn
from shared.clock import monotonic
from shared.contracts.tenancy import WebhookEnded, WebhookFailureAnnounced
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.keys import TokenError
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=30)
"""Longer than one attempt and noting its outcome."""
_REST: Final = timedelta(minutes=1)
"""How often a webhook is looked at that is paused."""
_RUN_SECONDS: Final = 5.0
_AT_ONCE: Final = 50
_SAVE_SECONDS: Final = 10.0
_MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"


async def deliver_due(deps: Deps) -> None:
    """Take turn after turn until none is due; several such runs share the work."""
    until, sweep = monotonic() + _RUN_SECONDS, Sweep()
    while monotonic() < until:
        busy = await deps.turns.busy(deps.now())
        webhook_id = await deps.deliveries.some_webhook(new_id(), busy, deps.now())
        if webhook_id is None:
            return
        turn = await deps.turns.take(webhook_id, new_id(), deps.now(), deps.now() + LEASE)
        if turn is not None:
            with sweep.over(webhook_id):  # whose turn then ends with its lease
                await _use(deps, turn)


async def _use(deps: Deps, turn: Turn) -> None:
    """Send until nothing is due, the receiver is in trouble, or others want their turn."""
    until, rest = monotonic() + _RUN_SECONDS, timedelta(0)
    for _ in range(_AT_ONCE):
        webhook = await _ready(deps, turn)
        if webhook is None:
            return
        delivery = await deps.deliveries.next_due(turn.webhook_id, deps.now())
        if delivery is None or rest or monotonic() > until:
            break
        turn, rest = await _carry(deps, turn, webhook, delivery)
        if not await deps.turns.keep(turn, deps.now() + LEASE):
            log.warning("webhook_taken_over", webhook_id=turn.webhook_id)
            return
    await deps.turns.end(turn, deps.now() + rest)


async def _ready(deps: Deps, turn: Turn) -> Webhook | None:
    """The webhook if something may be sent to it; None where not, and the turn is over."""
    webhook = await deps.webhooks.get(turn.webhook_id)
    reseller = await deps.resellers.get(webhook.reseller_id) if webhook else None
    if webhook is None or reseller is None:
        await deps.deliveries.forget(turn.webhook_id)
    elif ResellerStatus.TERMINATED is reseller.status:
        await deps.deliveries.drop_waiting(webhook.id, Reason.NOT_VISIBLE)
    elif webhook.state is WebhookState.ENDED:
        await deps.deliveries.drop_waiting(webhook.id, Reason.WEBHOOK_ENDED)
    elif webhook.state is WebhookState.ACTIVE and reseller.status is not ResellerStatus.SUSPENDED:
        return webhook
    else:
        await deps.turns.end(turn, deps.now() + _REST)
        return None
    await deps.turns.end(turn, deps.now())
    return None


async def _carry(
    deps: Deps, turn: Turn, webhook: Webhook, delivery: Delivery
) -> tuple[Turn, timedelta]:
    """Send one and keep what became of it; how the turn has fared, and how long to rest."""
    event = await deps.told_events.get(delivery.event_id)
    if event is None or not await may_hear(deps, webhook.reseller_id, event):
        await _note(deps, dropped(delivery, Reason.NOT_VISIBLE))
        return turn, timedelta(0)
    answer = await _send(deps, webhook, delivery.event_id, event.body.encode())
    now = deps.now()
    tried = after(delivery, answer, now, deps.webhook_ladder, secrets.randbelow(1000) / 1000)
    await _note(deps, tried)
    deps.webhook_metrics.attempted(tried)
    log.info(
        "delivery_attempted",
        delivery_id=tried.id,
        state=tried.state,
        reason=tried.reason,
        status_code=tried.status_code,
        attempts=tried.attempts,
    )
    if answer.reason is Reason.GONE:
        await _end(deps, webhook.id)
        return turn, timedelta(0)
    if answer.reason is None:
        return replace(turn, failures=0, failing_since=None, is_told=False), timedelta(0)
    turn = replace(turn, failures=turn.failures + 1, failing_since=turn.failing_since or now)
    return await _announce(deps, turn, webhook), hold(answer, turn.failures)


async def _send(deps: Deps, webhook: Webhook, message_id: str, body: bytes) -> Answer:
    now = deps.now()
    timestamp = int(now.timestamp())
    try:
        keys = [
            deps.webhook_vault.unlock(webhook.id, one.locked) for one in webhook.good_secrets(now)
        ]
    except TokenError:
        log.exception("webhook_secret_unreadable", webhook_id=webhook.id)
        return Answer(reason=Reason.SECRET_UNREADABLE)
    headers = {
        "Content-Type": _MEDIA_TYPE,
        "User-Agent": "Mobile-Security-Portal",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(keys, message_id, timestamp, body),
    }
    return await deps.webhook_post.send(webhook.url, headers, body, now)


async def _note(deps: Deps, delivery: Delivery) -> None:
    """What was sent and not noted would be sent again, so we wait for a database that is away."""
    until = monotonic() + _SAVE_SECONDS
    while True:
        try:
            await deps.deliveries.save(delivery)
        except UnavailableError:
            if monotonic() > until:
                raise
            await asyncio.sleep(1)
        else:
            return


async def _announce(deps: Deps, turn: Turn, webhook: Webhook) -> Turn:
    """Tell the reseller, once, that nothing has got through for long."""
    since, now = turn.failing_since, deps.now()
    if turn.is_told or since is None or now - since < deps.webhook_told_after:
        return turn
    told = replace(turn, is_told=True)

    async def act(transaction: Transaction) -> None:
        if await deps.turns.keep(told, now + LEASE, transaction.session):
            event = WebhookFailureAnnounced(**facts(webhook), since=since)
            await tell(deps, event, sequence=webhook.version, transaction=transaction)

    await deps.transact(act)
    return told


async def _end(deps: Deps, webhook_id: str) -> None:
    """Nothing is sent there any more, until somebody makes it active again."""

    async def act(transaction: Transaction) -> None:
        webhook = await deps.webhooks.get(webhook_id, transaction.session)
        if webhook is None or webhook.state is WebhookState.ENDED:
            return
        ended = replace(webhook, state=WebhookState.ENDED, version=webhook.version + 1)
        await deps.webhooks.save(ended, was=webhook.version, session=transaction.session)
        told = WebhookEnded(**facts(ended))
        await tell(deps, told, sequence=ended.version, transaction=transaction)

    await deps.transact(act)
    log.warning("webhook_ended", webhook_id=webhook_id)
