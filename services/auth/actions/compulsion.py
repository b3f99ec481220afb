"""From when on a second factor is compulsory for an account."""

from datetime import datetime

from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.deadlines import Compulsion, deadline_of


async def compulsion_in(deps: Deps, org: str) -> Compulsion:
    compulsion = deps.policy.compulsion
    for level in await deps.settings.line(org):
        compulsion = compulsion.narrowed(level.totp_required_from)
    return compulsion


async def totp_deadline(deps: Deps, account: Account) -> datetime | None:
    """By when the account must have a second factor; None where it has one."""
    if account.has_second_factor:
        return None
    return deadline_of(account, await compulsion_in(deps, account.org))


async def write_deadline(deps: Deps, account: Account) -> datetime | None:
    """The account's deadline, kept for good where it is seen for the first time."""
    deadline = await totp_deadline(deps, account)
    if deadline is not None and account.totp_deadline is None:
        await deps.accounts.write_deadline(account.id, deadline)
    return deadline
