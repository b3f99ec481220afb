"""The first account of a fresh installation: an administrator of the vendor."""

from services.auth.actions.invite import (
    Invitation,
    NewUser,
    add_invited,
    an_invitation,
    invite_again,
    invited_account,
)
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status, username_key
from services.auth.domain.users import UsernameTakenError
from shared.access import Role
from shared.errors import ConflictError
from shared.ids import VENDOR
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction


class VendorAdminExistsError(ConflictError):
    code = "vendor_admin_exists"
    detail = "There is an administrator of the vendor already; users are invited in the portal."


async def create_vendor_admin(deps: Deps, user: NewUser, *, by_mail: bool) -> str:
    """Invite the vendor's first administrator; returns the token of the invitation's link.

    Who was invited and has not accepted yet is invited again. With anybody else in that role
    VendorAdminExistsError: then the portal itself is the place to invite people.
    """
    new = invited_account(deps, VENDOR, user)
    first = an_invitation(deps, new)

    async def work(tx: Transaction) -> Invitation:
        await deps.organisations.take_turn(VENDOR, tx)
        holders = await deps.accounts.holders_of(VENDOR, Role.VENDOR_ADMIN, 2, tx)
        if not holders:
            await _add(deps, new, first, tx, by_mail=by_mail)
            return first
        if len(holders) > 1 or not _is_waiting(holders[0], user):
            raise VendorAdminExistsError
        return await invite_again(deps, holders[0], tx, by_mail=by_mail)

    try:
        return (await deps.transact(work)).token
    except DuplicateKeyError as error:
        raise UsernameTakenError from error


async def _add(
    deps: Deps, account: Account, invitation: Invitation, tx: Transaction, *, by_mail: bool
) -> None:
    if by_mail:
        await add_invited(deps, [(account, invitation)], tx)
        return
    await deps.accounts.add(account, tx=tx)
    await deps.links.add_first(invitation.link, tx=tx)


def _is_waiting(account: Account, user: NewUser) -> bool:
    """Whether this is the same person's account, its invitation not accepted yet."""
    is_same = username_key(account.username) == username_key(user.username)
    return account.status is Status.INVITED and is_same and account.email == user.email
