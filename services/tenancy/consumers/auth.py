"""What tenancy keeps of accounts, to say who may enter where."""

from services.tenancy.actions.accounts import note_account
from services.tenancy.deps import Deps
from services.tenancy.domain.accounts import KnownAccount
from shared.contracts.auth import AccountDeleted, AccountRecorded
from shared.inbox import Received
from shared.outbox import Transaction

_ACTIVE = "active"


async def account_recorded(
    deps: Deps, received: Received[AccountRecorded], transaction: Transaction
) -> None:
    told = received.body
    account = KnownAccount(
        told.account_id,
        told.org,
        tuple(told.roles),
        is_active=told.status == _ACTIVE,
        has_factor=told.has_second_factor,
    )
    await note_account(deps, account, received.sequence, transaction)


async def account_deleted(
    deps: Deps, received: Received[AccountDeleted], transaction: Transaction
) -> None:
    gone = KnownAccount(received.body.account_id, received.body.org, (), is_active=False)
    await note_account(deps, gone, received.sequence, transaction)
