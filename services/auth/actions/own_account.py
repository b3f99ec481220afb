"""The own account: read it, change what is one's own to change."""

from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.users import check_owned
from shared.errors import NotFoundError, PreconditionError
from shared.outbox import Transaction


async def read_own(deps: Deps, account_id: str) -> Account:
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError
    return account


async def change_own(deps: Deps, account_id: str, version: int, changes: dict[str, str]) -> Account:
    """Change the display name or the language, if the account is still as it was read.

    ManagedElsewhereError where it lives in the Reseller Portal.
    """

    async def work(tx: Transaction) -> Account:
        account = await deps.accounts.get(account_id, tx)
        if account is None:
            raise NotFoundError
        if account.version != version:
            raise PreconditionError
        wanted = {name: value for name, value in changes.items() if getattr(account, name) != value}
        if not wanted:
            return account
        check_owned(account, wanted)
        changed = await deps.accounts.change(account, tx, **wanted)
        if changed is None:
            raise PreconditionError
        return changed

    return await deps.transact(work)
