"""From when on a second factor is compulsory for an account."""

from collections.abc import Sequence
from datetime import datetime

from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.deadlines import Compulsion, deadline_of, next_reminder
from services.auth.store.org_settings import Decided


async def compulsion_in(deps: Deps, org: str) -> Compulsion:
    return _compulsion_by(deps, await deps.settings.line(org))


def totp_deadline(deps: Deps, account: Account, line: Sequence[Decided]) -> datetime | None:
    """By when the account must have a second factor, where these have decided; None where it has
    one.
    """
    if account.has_second_factor:
        return None
    return deadline_of(account, _compulsion_by(deps, line))


async def write_deadline(deps: Deps, account: Account, line: Sequence[Decided]) -> datetime | None:
    """The account's deadline, kept for good where it is seen for the first time."""
    deadline = totp_deadline(deps, account, line)
    if deadline is not None and account.totp_deadline is None:
        remind_at = next_reminder(deadline, deps.now())
        await deps.accounts.write_deadline(account.id, deadline, remind_at)
    return deadline


def _compulsion_by(deps: Deps, line: Sequence[Decided]) -> Compulsion:
    compulsion = deps.policy.compulsion
    for level in line:
        compulsion = compulsion.narrowed(level.totp_required_from)
    return compulsion
