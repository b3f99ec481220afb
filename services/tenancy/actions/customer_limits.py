"""Limiting somebody of a reseller's staff to some of its customers."""

from dataclasses import replace

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.accounts import KnownAccount
from services.tenancy.domain.customer_limits import (
    AdministratorSeesAllError,
    CustomerLimit,
    NotACustomerError,
)
from shared.access import Role
from shared.contracts.tenancy import StaffLimited
from shared.errors import NotFoundError, PreconditionError
from shared.mongo.collection import Session
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


async def read_limit(deps: Deps, reseller_id: str, account_id: str) -> CustomerLimit:
    """With those customers that are the reseller's still; NotFoundError where it has no such
    account, as where there is none.
    """
    await _staff(deps, reseller_id, account_id)
    limit = await deps.limits.get(account_id)
    if limit.customers is None:
        return limit
    return replace(limit, customers=await deps.tenants.of_reseller(reseller_id, limit.customers))


async def limit_staff(
    deps: Deps, reseller_id: str, account_id: str, customers: frozenset[str] | None, *, was: int
) -> CustomerLimit:
    """Set which customers there are for this account; it holds at every gateway at once.

    NotFoundError as in reading, PreconditionError, AdministratorSeesAllError, NotACustomerError.
    """

    async def act(transaction: Transaction) -> CustomerLimit:
        session = transaction.session
        account = await _staff(deps, reseller_id, account_id, session)
        limit = await deps.limits.get(account_id, session)
        if limit.version != was:
            raise PreconditionError
        if customers is not None:
            if Role.RESELLER_ADMIN in account.roles:
                raise AdministratorSeesAllError
            if await deps.tenants.of_reseller(reseller_id, customers, session) != customers:
                raise NotACustomerError
        changed = limit.set_to(customers)
        if changed is not limit:
            await _keep(deps, reseller_id, changed, transaction)
        return changed

    try:
        changed = await deps.transact(act)
    except DuplicateKeyError as error:  # somebody else decided something for the first time
        raise PreconditionError from error
    log.info("staff_limited", account_id=account_id, reseller_id=reseller_id)
    return changed


async def follow_roles(deps: Deps, account: KnownAccount, transaction: Transaction) -> None:
    """Lift the limit of whoever is an administrator now, and let it hold again of who isn't."""
    limit = await deps.limits.get(account.id, transaction.session)
    followed = limit.under(account.roles)
    if limit.customers is not None and followed is not limit:
        await _keep(deps, account.org, followed, transaction)


async def _keep(
    deps: Deps, reseller_id: str, limit: CustomerLimit, transaction: Transaction
) -> None:
    await deps.limits.save(limit, transaction.session)
    told = StaffLimited(
        account_id=limit.account_id,
        reseller_id=reseller_id,
        customers=None if limit.only is None else sorted(limit.only),
    )
    await tell(deps, told, sequence=limit.version, transaction=transaction)


async def _staff(
    deps: Deps, reseller_id: str, account_id: str, session: Session | None = None
) -> KnownAccount:
    account = await deps.accounts.get(account_id, session)
    if account is None or account.org != reseller_id:
        raise NotFoundError
    return account
