"""A reseller's primary user: one at a time, who alone invites the others."""

import structlog

from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.users import (
    NotAnAdministratorError,
    NotPrimaryUserError,
    UserManager,
    is_acting_admin,
)
from shared.contracts.auth import PrimaryUserChanged
from shared.errors import ConflictError, NotFoundError
from shared.ids import VENDOR, OrgKind, kind_of
from shared.outbox import Transaction

log = structlog.get_logger()


async def must_be_primary(deps: Deps, org: str, by: UserManager, tx: Transaction) -> Account | None:
    """The primary user of a reseller, who must be who acts, unless that is the vendor.

    In a tenant any administrator may.
    """
    if kind_of(org) is not OrgKind.RESELLER:
        return None
    primary = await deps.accounts.primary_of(org, tx)
    if by.org != VENDOR and (primary is None or primary.id != by.account):
        raise NotPrimaryUserError
    return primary


async def hand_over(deps: Deps, org: str, account_id: str, by: UserManager) -> Account:
    """Make somebody else the primary user: an active administrator of the same reseller."""

    async def work(tx: Transaction) -> Account:
        former = await must_be_primary(deps, org, by, tx)
        account = await deps.accounts.get_in(org, account_id, tx)
        if account is None:
            raise NotFoundError
        if account.is_primary:
            return account
        if not is_acting_admin(account):
            raise NotAnAdministratorError
        await deps.organisations.take_turn(org, tx)
        if former is not None and not await deps.accounts.change(former, tx, is_primary=False):
            raise ConflictError
        changed = await deps.accounts.change(account, tx, is_primary=True)
        if changed is None:
            raise ConflictError
        told = PrimaryUserChanged(
            account_id=account_id, org=org, former_account_id=former.id if former else None
        )
        tx.publish(told, sequence=changed.version)
        return changed

    changed = await deps.transact(work)
    log.info("primary_user_changed", org=org, user_id=account_id)
    return changed
