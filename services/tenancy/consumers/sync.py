"""What tenancy does when a service has judged a message of the Reseller Portal."""

from typing import TypeVar

from services.tenancy.actions.sync_log import keep_drift, keep_outcome
from services.tenancy.deps import Deps
from services.tenancy.domain.sync import Drift, Outcome, SyncMessage
from shared.contracts.auth import AuthDriftReported, AuthMessageRejected, AuthMessageTaken
from shared.contracts.events import CloudEvent
from shared.contracts.licensing import (
    LicensingDriftReported,
    LicensingMessageRejected,
    LicensingMessageTaken,
)
from shared.contracts.sync import MessageJudged
from shared.contracts.tenancy import (
    TenancyDriftReported,
    TenancyMessageRejected,
    TenancyMessageTaken,
)
from shared.inbox import Received
from shared.outbox import Transaction

F = TypeVar("F", bound=AuthDriftReported | LicensingDriftReported | TenancyDriftReported)
R = TypeVar("R", bound=AuthMessageRejected | LicensingMessageRejected | TenancyMessageRejected)
T = TypeVar("T", bound=AuthMessageTaken | LicensingMessageTaken | TenancyMessageTaken)


async def message_taken(deps: Deps, received: Received[T], tx: Transaction) -> None:
    outcome = Outcome(received.body.outcome)
    await keep_outcome(deps, _message(received.body, received.envelope, outcome), tx)


async def message_rejected(deps: Deps, received: Received[R], tx: Transaction) -> None:
    said = received.body
    message = _message(
        said, received.envelope, Outcome.REJECTED, reason=said.reason, detail=said.detail
    )
    await keep_outcome(deps, message, tx)


def _message(
    said: MessageJudged,
    envelope: CloudEvent,
    outcome: Outcome,
    *,
    reason: str | None = None,
    detail: str | None = None,
) -> SyncMessage:
    return SyncMessage(
        id=envelope.id,
        message_id=said.message_id,
        message_type=said.message_type,
        record=said.record,
        reseller_id=said.reseller_id,
        outcome=outcome,
        reason=reason,
        detail=detail,
        created_at=envelope.time,
    )


async def drift_reported(deps: Deps, received: Received[F], tx: Transaction) -> None:
    said = received.body
    drift = Drift(
        reseller_id=said.reseller_id,
        service=received.envelope.source.rpartition("/")[2],
        compared_at=received.envelope.time,
        checksums=said.checksums,
        checksums_there=said.checksums_there,
        differences=tuple(said.differences),
        different=said.different,
    )
    await keep_drift(deps, drift, tx)
