"""Changing a user: name, address, language, comment and roles."""

from collections.abc import Mapping
from typing import Any

import structlog

from services.auth.actions.email_domains import must_be_at_home
from services.auth.actions.end_session import end_all
from services.auth.actions.invite import invite_again
from services.auth.actions.primary_user import must_be_primary
from services.auth.actions.users import read_user
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status, addressee
from services.auth.domain.users import (
    LastAdminError,
    UserManager,
    admin_role,
    check_grant,
    check_owned,
    check_stays_primary,
    is_acting_admin,
    sorted_roles,
)
from shared.contracts.auth import AccountChanged, AccountEmailChanged
from shared.errors import PreconditionError
from shared.outbox import Transaction

log = structlog.get_logger()


async def edit_user(
    deps: Deps,
    org: str,
    account_id: str,
    *,
    was: int,
    changes: Mapping[str, Any],
    by: UserManager,
) -> Account:
    """Change what is given, if the user is still at the version that the caller read."""

    async def work(tx: Transaction) -> Account:
        account = await read_user(deps, org, account_id, tx)
        if account.version != was:
            raise PreconditionError
        wanted = _different(account, changes)
        if not wanted:
            return account
        check_grant(org, account.roles, by.held)
        check_owned(account, wanted)
        if "email" in wanted:
            await _check_address(deps, account, wanted["email"], by, tx)
        if "roles" in wanted:
            check_grant(org, wanted["roles"], by.held)
            check_stays_primary(account, wanted["roles"])
            if admin_role(org) not in wanted["roles"]:
                await keep_an_admin(deps, account, tx)
        changed = await deps.accounts.change(account, tx, **wanted)
        if changed is None:
            raise PreconditionError
        await _follow(deps, account, changed, tx)
        return changed

    edited = await deps.transact(work)
    log.info("user_edited", org=org, user_id=account_id, fields=sorted(changes))
    return edited


async def keep_an_admin(deps: Deps, account: Account, tx: Transaction) -> None:
    """Raise LastAdminError where nobody else of the organisation could still manage it.

    Acts of this kind take turns, so that of two last admins who go at once one stays.
    """
    if not is_acting_admin(account):
        return
    await deps.organisations.take_turn(account.org, tx)
    if not await deps.accounts.has_other_admin(account, admin_role(account.org), tx):
        raise LastAdminError


async def _check_address(
    deps: Deps, account: Account, address: str, by: UserManager, tx: Transaction
) -> None:
    # Whoever could change the primary user's address could become it; an invited user's other
    # address gets an invitation.
    if account.is_primary or account.status is Status.INVITED:
        await must_be_primary(deps, account.org, by, tx)
    await must_be_at_home(deps, account.org, address)


def _different(account: Account, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is to change, without what is so already."""
    wanted = dict(changes)
    if "roles" in wanted:
        roles = sorted_roles(account.org, wanted["roles"])
        wanted["roles"] = list(roles)
    known = {
        "display_name": account.display_name,
        "email": account.email,
        "locale": account.locale,
        "roles": list(account.roles),
        "comment": account.comment,
    }
    return {field: value for field, value in wanted.items() if known[field] != value}


async def _follow(deps: Deps, was: Account, now: Account, tx: Transaction) -> None:
    """What a change brings about: other rights at the gateways, dead links, a notice."""
    if now.roles != was.roles:
        changed = AccountChanged(account_id=now.id, org=now.org, roles=list(now.roles))
        tx.publish(changed, sequence=now.version)
        if not set(was.roles) <= set(now.roles):
            await end_all(deps, now, "role_lost", tx)
    if now.email != was.email:
        await deps.links.kill(now.id, tx)
        if now.status is Status.INVITED:
            await invite_again(deps, now, tx)
        else:
            notice = AccountEmailChanged(**addressee(was), changed_at=deps.now())
            tx.publish(notice, sequence=now.version)
