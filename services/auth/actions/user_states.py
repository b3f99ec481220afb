"""Closing a user's account for a while, opening it again, and deleting it."""

from collections.abc import Set as AbstractSet

import structlog

from services.auth.actions.edit_user import keep_an_admin
from services.auth.actions.end_session import end_all
from services.auth.actions.users import read_user
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status
from services.auth.domain.users import (
    DisableFirstError,
    check_grant,
    check_owned,
    check_stays_primary,
    status_when_enabled,
)
from shared.contracts.auth import AccountDeleted, AccountDisabled
from shared.errors import ConflictError
from shared.outbox import Transaction

log = structlog.get_logger()


async def disable_user(deps: Deps, org: str, account_id: str, *, held: AbstractSet[str]) -> Account:
    """Nobody signs in to it from now on, and what it was signed in to has ended."""

    async def work(tx: Transaction) -> Account:
        account = await _to_manage(deps, org, account_id, held, tx)
        if account.status is Status.DISABLED:
            return account
        check_stays_primary(account)
        await keep_an_admin(deps, account, tx)
        disabled = await _move(deps, account, Status.DISABLED, tx)
        await deps.links.kill(account.id, tx)
        await end_all(deps, account, "account_disabled", tx)
        tx.publish(AccountDisabled(account_id=account.id, org=org), sequence=disabled.version)
        return disabled

    disabled = await deps.transact(work)
    log.info("user_disabled", org=org, user_id=account_id)
    return disabled


async def enable_user(deps: Deps, org: str, account_id: str, *, held: AbstractSet[str]) -> Account:
    """Open it again; who had not accepted the invitation needs a new one."""

    async def work(tx: Transaction) -> Account:
        account = await _to_manage(deps, org, account_id, held, tx)
        if account.status is not Status.DISABLED:
            return account
        return await _move(deps, account, status_when_enabled(account), tx)

    enabled = await deps.transact(work)
    log.info("user_enabled", org=org, user_id=account_id)
    return enabled


async def delete_user(deps: Deps, org: str, account_id: str, *, held: AbstractSet[str]) -> None:
    """Delete a disabled user, or take back an invitation that is still open."""

    async def work(tx: Transaction) -> None:
        account = await _to_manage(deps, org, account_id, held, tx)
        if account.status is Status.ACTIVE:
            raise DisableFirstError
        check_stays_primary(account)
        if not await deps.accounts.remove(account, tx):
            raise ConflictError
        await deps.links.kill(account.id, tx)
        await deps.known_devices.forget(account.id, tx)
        await end_all(deps, account, "account_deleted", tx)
        tx.publish(AccountDeleted(account_id=account.id, org=org), sequence=account.version + 1)

    await deps.transact(work)
    log.info("user_deleted", org=org, user_id=account_id)


async def _to_manage(
    deps: Deps, org: str, account_id: str, held: AbstractSet[str], tx: Transaction
) -> Account:
    account = await read_user(deps, org, account_id, tx)
    check_grant(org, account.roles, held)
    check_owned(account, ("status",))
    return account


async def _move(deps: Deps, account: Account, status: Status, tx: Transaction) -> Account:
    moved = await deps.accounts.change(account, tx, status=status.value)
    if moved is None:
        raise ConflictError
    return moved
