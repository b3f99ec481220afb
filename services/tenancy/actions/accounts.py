"""Keeping what is known of accounts, and how many of a tenant's have a second factor."""

from dataclasses import replace

from services.tenancy.actions.customer_limits import follow_roles
from services.tenancy.deps import Deps
from services.tenancy.domain.accounts import KnownAccount
from shared.ids import OrgKind, kind_of
from shared.outbox import Transaction


async def note_account(
    deps: Deps, account: KnownAccount, sequence: int, transaction: Transaction
) -> None:
    session = transaction.session
    before = await deps.accounts.get(account.id, session)
    if not await deps.accounts.note(account, sequence, session):
        return
    if kind_of(account.org) is OrgKind.RESELLER:
        await follow_roles(deps, account, transaction)
    if kind_of(account.org) is not OrgKind.TENANT or _counts(before) == _counts(account):
        return
    tenant = await deps.tenants.get(account.org, session)
    if tenant is None or tenant.is_deleted:
        return
    (users, factors), (had_users, had_factors) = _counts(account), _counts(before)
    counted = replace(
        tenant,
        users=max(tenant.users + users - had_users, 0),
        users_with_factor=max(tenant.users_with_factor + factors - had_factors, 0),
    )
    await deps.tenants.count_users(counted, session)


def _counts(account: KnownAccount | None) -> tuple[int, int]:
    """What an account adds: to those who may sign in, and to those of them with a factor."""
    if account is None or not account.may_sign_in:
        return 0, 0
    return 1, int(account.has_factor)
