"""Listing, reading and creating the users of an organisation."""

from dataclasses import replace

import structlog

from services.auth.actions.email_domains import must_be_at_home
from services.auth.actions.invite import (
    NewUser,
    add_invited,
    an_invitation,
    invite_again,
    invited_account,
)
from services.auth.actions.org_settings import locale_in
from services.auth.actions.primary_user import must_be_primary
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status
from services.auth.domain.users import (
    NotInvitedError,
    UserFilter,
    UserManager,
    UsernameTakenError,
    check_grant,
    check_owned,
    sorted_roles,
)
from shared.errors import NotFoundError
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


async def list_users(deps: Deps, org: str, which: UserFilter, limit: int) -> list[Account]:
    """A page of users, and one more than asked for where there are more."""
    return await deps.accounts.page(org, which, limit + 1)


async def locale_of(deps: Deps, org: str) -> str:
    return await locale_in(deps, org)


async def read_user(
    deps: Deps, org: str, account_id: str, tx: Transaction | None = None
) -> Account:
    """One answer for a user of somebody else and for one that there is not."""
    account = await deps.accounts.get_in(org, account_id, tx)
    if account is None:
        raise NotFoundError
    return account


async def create_user(deps: Deps, org: str, user: NewUser, *, by: UserManager) -> Account:
    """Invite a new user; NotPrimaryUserError at a reseller's unless its primary user does."""
    user = replace(user, roles=sorted_roles(org, user.roles))
    check_grant(org, user.roles, by.held)
    await must_be_at_home(deps, org, user.email)
    account = invited_account(deps, org, user)
    invitation = an_invitation(deps, account)

    async def work(tx: Transaction) -> None:
        await must_be_primary(deps, org, by, tx)
        await add_invited(deps, [(account, invitation)], tx)

    try:
        await deps.transact(work)
    except DuplicateKeyError as error:
        raise UsernameTakenError from error
    log.info("user_invited", org=org, user_id=account.id)
    return account


async def invite_user(deps: Deps, org: str, account_id: str, *, by: UserManager) -> Account:
    """Send the invitation again, to the same address with a new link."""

    async def work(tx: Transaction) -> Account:
        account = await read_user(deps, org, account_id, tx)
        await must_be_primary(deps, org, by, tx)
        check_grant(org, account.roles, by.held)
        check_owned(account, ("invitation",))
        if account.status is not Status.INVITED:
            raise NotInvitedError
        await invite_again(deps, account, tx)
        return account

    invited = await deps.transact(work)
    log.info("user_invited_again", org=org, user_id=account_id)
    return invited
