"""What became of a message of the Reseller Portal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    APPLIED = "applied"
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True)
class SyncMessage:
    id: str
    message_id: str
    message_type: str
    record: str
    reseller_id: str | None
    outcome: Outcome
    reason: str | None
    detail: str | None
    created_at: datetime
