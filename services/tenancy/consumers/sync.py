"""What tenancy does when a service has judged a message of the Reseller Portal."""

from dataclasses import replace
from typing import TypeVar

from services.tenancy.actions.sync_log import keep_drift, keep_outcome
from services.tenancy.deps import Deps
from services.tenancy.domain.drift import Report
from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.contracts.auth import (
    AuthChecksumsReported,
    AuthDriftReported,
    AuthMessageRejected,
    AuthMessageTaken,
)
from shared.contracts.events import CloudEvent
from shared.contracts.licensing import (
    LicensingChecksumsReported,
    LicensingDriftReported,
    LicensingMessageRejected,
    LicensingMessageTaken,
)
from shared.contracts.sync import ChecksumFacts, DriftFacts, MessageJudged
from shared.contracts.tenancy import (
    TenancyChecksumsReported,
    TenancyDriftReported,
    TenancyMessageRejected,
    TenancyMessageTaken,
)
from shared.inbox import Received
from shared.outbox import Transaction

C = TypeVar(
    "C", bound=AuthChecksumsReported | LicensingChecksumsReported | TenancyChecksumsReported
)
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
    """Of a part of a comparison only its differences count: its checksums are of ranges."""
    said = received.body
    report = replace(
        _report(said, received.envelope),
        comparison_id=said.part_of or said.comparison_id,
        differences=said.differences,
        different=said.different,
    )
    if said.ranges:
        report = replace(report, checksums={}, checksums_there={})
    await keep_drift(deps, report, tx)


async def checksums_reported(deps: Deps, received: Received[C], tx: Transaction) -> None:
    await keep_drift(deps, _report(received.body, received.envelope), tx)


def _report(said: ChecksumFacts | DriftFacts, envelope: CloudEvent) -> Report:
    return Report(
        reseller_id=said.reseller_id,
        service=envelope.source.rpartition("/")[2],
        comparison_id=said.comparison_id,
        reported_at=envelope.time,
        checksums=said.checksums,
        checksums_there=said.checksums_there,
    )
