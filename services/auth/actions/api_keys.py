"""API keys of an organisation: created, rotated, revoked, and asked about by the gateway."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from services.auth.deps import Deps
from services.auth.domain.api_keys import (
    MOST,
    ApiKey,
    KeyChangedError,
    Secret,
    TooManyKeysError,
    check_permissions,
    expiry,
    rotated,
)
from shared.api_keys import digest, new_key
from shared.context import cause
from shared.contracts.auth import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from shared.errors import NotFoundError
from shared.ids import new_id
from shared.newest import Position
from shared.outbox import Transaction

log = structlog.get_logger()


@dataclass(frozen=True)
class Manager:
    """Who manages the keys of an organisation, and what this person may do there."""

    org: str
    account_id: str
    held: frozenset[str]


@dataclass(frozen=True)
class Wish:
    name: str
    permissions: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True)
class Issued:
    """A key and its secret, in the one moment in which it can be shown."""

    key: ApiKey
    shown: str


async def create_key(deps: Deps, manager: Manager, wish: Wish) -> Issued:
    now = deps.now()
    permissions = check_permissions(manager.org, wish.permissions, manager.held)
    ends_at = expiry(wish.expires_at, now)
    if await deps.api_keys.count(manager.org) >= MOST:
        raise TooManyKeysError
    client_id = new_id()
    shown = new_key(client_id)
    key = ApiKey(
        id=client_id,
        org=manager.org,
        name=wish.name,
        permissions=permissions,
        secrets=(Secret(digest(shown), now, ends_at),),
        created_at=now,
        created_by=manager.account_id,
        created_by_org=cause().actor_org,
    )

    async def work(tx: Transaction) -> None:
        await deps.api_keys.add(key, tx)
        tx.publish(
            ApiKeyCreated(
                client_id=key.id,
                org=key.org,
                name=key.name,
                permissions=list(key.permissions),
                expires_at=key.expires_at,
            )
        )

    await deps.transact(work)
    log.info("api_client_created", client_id=key.id, org=key.org)
    return Issued(key, shown)


async def rotate_key(
    deps: Deps, manager: Manager, key_id: str, expires_at: datetime | None, overlap: timedelta
) -> Issued:
    """A fresh secret beside the one in use. Nobody gets one that may do more than they may."""
    now = deps.now()
    shown = new_key(key_id)
    fresh = Secret(digest(shown), now, expiry(expires_at, now))

    async def work(tx: Transaction) -> ApiKey:
        before = await _own(deps, manager.org, key_id, tx)
        check_permissions(manager.org, before.permissions, manager.held)
        key = rotated(before, fresh, overlap, now)
        if not await deps.api_keys.save(key, tx):
            raise KeyChangedError
        event = ApiKeyRotated(
            client_id=key.id,
            org=key.org,
            name=key.name,
            expires_at=key.expires_at,
            old_until=key.secrets[1].expires_at,
        )
        tx.publish(event, sequence=key.version)
        return key

    key = await deps.transact(work)
    log.info("api_client_rotated", client_id=key.id, org=key.org)
    return Issued(key, shown)


async def revoke_key(deps: Deps, org: str, key_id: str) -> None:
    """End a key at once, everywhere, with all tokens that were made with it."""

    async def work(tx: Transaction) -> None:
        await _revoke(deps, await _own(deps, org, key_id, tx), tx)

    await deps.transact(work)
    log.info("api_client_revoked", client_id=key_id, org=org)


async def revoke_keys_of(
    deps: Deps,
    org: str,
    creator: str,
    tx: Transaction,
    *,
    beyond: AbstractSet[str] = frozenset(),
) -> None:
    """End the keys of an organisation that somebody of another one created and that may do more
    than this.
    """
    for key in await deps.api_keys.created_by_org(org, creator, tx):
        if not set(key.permissions) <= beyond:
            await _revoke(deps, key, tx)


async def list_keys(deps: Deps, org: str, after: Position | None, limit: int) -> list[ApiKey]:
    """The organisation's keys, newest first, and one more than asked for where there are more."""
    return await deps.api_keys.newest(org, after, limit + 1)


async def live_key(deps: Deps, its_digest: str) -> tuple[ApiKey, Secret]:
    """The key behind a digest and the secret that was shown; NotFoundError where it is no good.

    That it was asked for counts as a use.
    """
    key = await deps.api_keys.by_digest(its_digest)
    now = deps.now()
    secret = key.good_secret(its_digest, now) if key is not None else None
    if key is None or secret is None or not await deps.organisations.is_open(key.org):
        raise NotFoundError
    if secret.is_use_worth_noting(now):
        await deps.api_keys.note_use(key.id, its_digest, now)
    return key, secret


async def _own(deps: Deps, org: str, key_id: str, tx: Transaction) -> ApiKey:
    key = await deps.api_keys.get(org, key_id, tx)
    if key is None:
        raise NotFoundError
    return key


async def _revoke(deps: Deps, before: ApiKey, tx: Transaction) -> None:
    key = replace(before, revoked_at=deps.now(), version=before.version + 1)
    if not await deps.api_keys.save(key, tx):
        raise KeyChangedError
    event = ApiKeyRevoked(client_id=key.id, org=key.org, name=key.name)
    tx.publish(event, sequence=key.version)
