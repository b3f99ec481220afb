"""What tenancy keeps of what auth tells: what was done to accounts and keys, for the activity."""

from typing import TypeVar

from services.tenancy.actions.activity import note_activity
from services.tenancy.deps import Deps
from shared.contracts.auth import (
    AccountChanged,
    AccountDeleted,
    AccountDisabled,
    AccountInvited,
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyRotated,
    PasswordChanged,
    RecoveryCodesReplaced,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
    TotpResetDone,
    TotpResetStopped,
)
from shared.inbox import Received
from shared.outbox import Transaction

K = TypeVar("K", bound=ApiKeyCreated | ApiKeyRevoked | ApiKeyRotated)
R = TypeVar("R", bound=TotpRemoved | TotpResetAsked | TotpResetDone | TotpResetStopped)
A = TypeVar(
    "A",
    bound=AccountChanged
    | AccountDeleted
    | AccountDisabled
    | AccountInvited
    | PasswordChanged
    | RecoveryCodesReplaced
    | TotpActivated,
)


async def done_to_account(deps: Deps, received: Received[A], transaction: Transaction) -> None:
    await note_activity(deps, received.envelope, received.body.org, None, transaction)


async def done_to_api_key(deps: Deps, received: Received[K], transaction: Transaction) -> None:
    await note_activity(deps, received.envelope, received.body.org, None, transaction)


async def done_with_a_reason(deps: Deps, received: Received[R], transaction: Transaction) -> None:
    place, reason = received.body.org, received.body.reason
    await note_activity(deps, received.envelope, place, reason, transaction)
