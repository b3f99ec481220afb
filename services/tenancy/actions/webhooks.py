"""Making, reading and changing a reseller's webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.tenancy.actions.file_deliveries import file_for_one
from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.deliveries import Delivery
from services.tenancy.domain.webhooks import (
    AT_MOST,
    Secret,
    TooManyWebhooksError,
    Webhook,
    WebhookNotActiveError,
    WebhookState,
    new_secret,
)
from shared.contracts.events import Event
from shared.contracts.tenancy import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookSecretRotated,
    WebhookTested,
)
from shared.errors import NotFoundError, PreconditionError
from shared.ids import new_id
from shared.mongo.collection import Session
from shared.outbox import Transaction

log = structlog.get_logger()


@dataclass(frozen=True)
class Wish:
    """What a webhook is to be like."""

    name: str
    url: str
    types: frozenset[str] | None


@dataclass(frozen=True)
class Found:
    """A webhook and how it fares."""

    webhook: Webhook
    failing_since: datetime | None = None


async def create_webhook(
    deps: Deps, reseller_id: str, account_id: str, wish: Wish
) -> tuple[Found, str]:
    """The webhook and its secret; UrlRefusedError, TooManyWebhooksError."""
    deps.webhook_post.look(wish.url)
    secret, webhook_id, now = new_secret(), new_id(), deps.now()
    webhook = Webhook(
        id=webhook_id,
        reseller_id=reseller_id,
        name=wish.name,
        url=wish.url,
        types=wish.types,
        secrets=(Secret(deps.webhook_vault.lock(webhook_id, secret), now),),
        created_at=now,
        created_by=account_id,
    )

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        if await deps.resellers.get(reseller_id, session) is None:
            raise NotFoundError
        if len(await deps.webhooks.of_reseller(reseller_id, session)) >= AT_MOST:
            raise TooManyWebhooksError
        await deps.webhooks.add(webhook, session)
        await _tell(deps, WebhookCreated(**facts(webhook)), webhook, transaction)

    await deps.transact(act)
    log.info("webhook_created", webhook_id=webhook_id, reseller_id=reseller_id)
    return Found(webhook), secret


async def list_webhooks(deps: Deps, reseller_id: str) -> list[Found]:
    webhooks = await deps.webhooks.of_reseller(reseller_id)
    failing = await deps.turns.failing([one.id for one in webhooks])
    return [Found(one, failing.get(one.id)) for one in webhooks]


async def read_webhook(deps: Deps, reseller_id: str, webhook_id: str) -> Found:
    """NotFoundError where this reseller has no such webhook."""
    return await _fared(deps, await find_webhook(deps, reseller_id, webhook_id))


async def find_webhook(
    deps: Deps, reseller_id: str, webhook_id: str, session: Session | None = None
) -> Webhook:
    webhook = await deps.webhooks.find(reseller_id, webhook_id, session)
    if webhook is None:
        raise NotFoundError
    return webhook


async def edit_webhook(
    deps: Deps, reseller_id: str, webhook_id: str, *, was: int, changes: Mapping[str, Any]
) -> Found:
    """Name, URL, types and state; whoever makes it active or sends it elsewhere begins anew."""
    if "url" in changes:
        deps.webhook_post.look(changes["url"])

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        webhook = await find_webhook(deps, reseller_id, webhook_id, session)
        if webhook.version != was:
            raise PreconditionError
        changed = replace(webhook, **changes)
        if changed == webhook:
            return
        changed = replace(changed, version=was + 1)
        await _save(deps, changed, was, session)
        if {"url", "state"} & set(changes):
            await deps.turns.begin_anew(webhook_id, session)
        told = WebhookChanged(**facts(changed), state=changed.state.value, fields=sorted(changes))
        await _tell(deps, told, changed, transaction)

    await deps.transact(act)
    log.info("webhook_changed", webhook_id=webhook_id)
    return await read_webhook(deps, reseller_id, webhook_id)


async def delete_webhook(deps: Deps, reseller_id: str, webhook_id: str) -> None:
    """With all that waits for it and the log of what was delivered."""

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        webhook = await find_webhook(deps, reseller_id, webhook_id, session)
        if not await deps.webhooks.delete(webhook, session):
            raise PreconditionError
        await deps.turns.begin_anew(webhook_id, session)
        await _tell(deps, WebhookDeleted(**facts(webhook)), webhook, transaction)

    await deps.transact(act)
    await deps.deliveries.forget(webhook_id)
    log.info("webhook_deleted", webhook_id=webhook_id)


async def rotate_secret(
    deps: Deps, reseller_id: str, webhook_id: str, overlap: timedelta
) -> tuple[Found, str]:
    """Another secret; the one before stays good for the overlap."""
    secret = new_secret()

    async def act(transaction: Transaction) -> Webhook:
        webhook = await find_webhook(deps, reseller_id, webhook_id, transaction.session)
        locked = deps.webhook_vault.lock(webhook_id, secret)
        rotated = webhook.rotated(locked, deps.now(), overlap)
        await _save(deps, rotated, webhook.version, transaction.session)
        await _tell(deps, WebhookSecretRotated(**facts(rotated)), rotated, transaction)
        return rotated

    rotated = await deps.transact(act)
    log.info("webhook_secret_rotated", webhook_id=webhook_id)
    return await _fared(deps, rotated), secret


async def ping_webhook(deps: Deps, reseller_id: str, webhook_id: str) -> Delivery:
    """Send an event that says nothing but that it is a test; WebhookNotActiveError."""

    async def act(transaction: Transaction) -> Delivery:
        webhook = await find_webhook(deps, reseller_id, webhook_id, transaction.session)
        if webhook.state is not WebhookState.ACTIVE:
            raise WebhookNotActiveError
        await _tell(deps, WebhookTested(**facts(webhook)), webhook, transaction)
        return await file_for_one(deps, webhook, transaction.events[-1], transaction)

    return await deps.transact(act)


def facts(webhook: Webhook) -> dict[str, str]:
    return {
        "webhook_id": webhook.id,
        "reseller_id": webhook.reseller_id,
        "name": webhook.name,
    }


async def _fared(deps: Deps, webhook: Webhook) -> Found:
    failing = await deps.turns.failing([webhook.id])
    return Found(webhook, failing.get(webhook.id))


async def _tell(deps: Deps, event: Event, webhook: Webhook, tx: Transaction) -> None:
    await tell(deps, event, sequence=webhook.version, transaction=tx)


async def _save(deps: Deps, webhook: Webhook, was: int, session: Session) -> None:
    if not await deps.webhooks.save(webhook, was=was, session=session):
        raise PreconditionError
