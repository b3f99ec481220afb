"""What became of a message of the Reseller Portal, and how far both sides have the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts.sync import Difference


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


@dataclass(frozen=True)
class Drift:
    """What was found when a service's records of a reseller were compared last."""

    reseller_id: str
    service: str
    compared_at: datetime
    checksums: Mapping[str, str]
    """Per kind of record, as it is here."""
    checksums_there: Mapping[str, str]
    differences: tuple[Difference, ...]
    """At most the first 1,000."""
    different: int

    @property
    def id(self) -> str:
        return f"{self.reseller_id}:{self.service}"
