"""Everything that tenancy listens to."""

from typing import Final

from services.tenancy.consumers import auth, licensing
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
from shared.contracts.licensing import LicenceCreated, LicenceOrderPlaced
from shared.inbox import Subscription, on

SUBSCRIPTIONS: Final[list[Subscription[Deps]]] = [
    on(AccountChanged, auth.done_to_account),
    on(AccountDeleted, auth.done_to_account),
    on(AccountDisabled, auth.done_to_account),
    on(AccountInvited, auth.done_to_account),
    on(ApiKeyCreated, auth.done_to_api_key),
    on(ApiKeyRevoked, auth.done_to_api_key),
    on(ApiKeyRotated, auth.done_to_api_key),
    on(LicenceCreated, licensing.licence_created),
    on(LicenceOrderPlaced, licensing.licence_order_placed),
    on(PasswordChanged, auth.done_to_account),
    on(RecoveryCodesReplaced, auth.done_to_account),
    on(TotpActivated, auth.done_to_account),
    on(TotpRemoved, auth.done_with_a_reason),
    on(TotpResetAsked, auth.done_with_a_reason),
    on(TotpResetDone, auth.done_with_a_reason),
    on(TotpResetStopped, auth.done_with_a_reason),
]
