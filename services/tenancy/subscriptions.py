"""Everything that tenancy listens to."""

from typing import Final

from services.tenancy.consumers import auth, licensing, reseller_portal, sync
from services.tenancy.consumers.activity import happened, noted
from services.tenancy.deps import Deps
from shared.contracts.auth import (
    AccountChanged,
    AccountDeleted,
    AccountDisabled,
    AccountInvited,
    AccountRecorded,
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyRotated,
    AuthDriftReported,
    AuthMessageRejected,
    AuthMessageTaken,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeySuspected,
    PasswordChanged,
    PrimaryUserChanged,
    RecoveryCodesReplaced,
    SessionRevoked,
    SessionStarted,
    SignInRefused,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
    TotpResetDone,
    TotpResetStopped,
)
from shared.contracts.licensing import (
    DeviceActivated,
    DeviceDeactivated,
    LicenceChanged,
    LicenceCreated,
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicenceOrderRejected,
    LicenceOverused,
    LicensingDriftReported,
    LicensingMessageRejected,
    LicensingMessageTaken,
)
from shared.contracts.mailer import BrandingChanged
from shared.contracts.operations import DeadLetterDropped, DeadLetterEdited, DeadLetterReplayed
from shared.contracts.reseller_portal import (
    CompanyRemoved,
    CompanyUpserted,
    CustomerRemoved,
    CustomerUpserted,
    RecordsCompared,
    UnknownSent,
)
from shared.contracts.tenancy import (
    TenancyDriftReported,
    TenancyMessageRejected,
    TenancyMessageTaken,
)
from shared.inbox import Subscription, on
from shared.sync import Judge

JUDGE: Final = Judge(TenancyMessageTaken, TenancyMessageRejected)

SUBSCRIPTIONS: Final[list[Subscription[Deps]]] = [
    JUDGE.on(CompanyRemoved, reseller_portal.company_removed),
    JUDGE.on(CompanyUpserted, reseller_portal.company_upserted),
    JUDGE.on(CustomerRemoved, reseller_portal.customer_removed),
    JUDGE.on(CustomerUpserted, reseller_portal.customer_upserted),
    JUDGE.on(RecordsCompared, reseller_portal.records_compared),
    JUDGE.on(UnknownSent, reseller_portal.unknown_sent),
    on(AuthDriftReported, sync.drift_reported),
    on(LicensingDriftReported, sync.drift_reported),
    on(TenancyDriftReported, sync.drift_reported),
    on(AuthMessageRejected, sync.message_rejected),
    on(AuthMessageTaken, sync.message_taken),
    on(LicensingMessageRejected, sync.message_rejected),
    on(LicensingMessageTaken, sync.message_taken),
    on(TenancyMessageRejected, sync.message_rejected),
    on(TenancyMessageTaken, sync.message_taken),
    on(AccountChanged, happened),
    on(AccountDeleted, noted(auth.account_deleted)),
    on(AccountDisabled, happened),
    on(AccountInvited, happened),
    on(AccountRecorded, auth.account_recorded),
    on(ApiKeyCreated, happened),
    on(ApiKeyRevoked, happened),
    on(ApiKeyRotated, happened),
    on(DeadLetterDropped, happened),
    on(DeadLetterEdited, happened),
    on(DeadLetterReplayed, happened),
    on(DeviceActivated, happened),
    on(DeviceDeactivated, happened),
    on(BrandingChanged, happened),
    on(LicenceChanged, noted(licensing.licence_changed)),
    on(LicenceCreated, noted(licensing.licence_created)),
    on(LicenceOrderFulfilled, happened),
    on(LicenceOrderPlaced, noted(licensing.licence_order_placed)),
    on(LicenceOrderRejected, noted(licensing.licence_order_rejected)),
    on(LicenceOverused, happened),
    on(PasskeyRegistered, happened),
    on(PasskeyRemoved, happened),
    on(PasskeySuspected, happened),
    on(PasswordChanged, happened),
    on(PrimaryUserChanged, happened),
    on(RecoveryCodesReplaced, happened),
    on(SessionRevoked, happened),
    on(SessionStarted, happened),
    on(SignInRefused, happened),
    on(TotpActivated, happened),
    on(TotpRemoved, happened),
    on(TotpResetAsked, happened),
    on(TotpResetDone, happened),
    on(TotpResetStopped, happened),
]
