"""A reseller: who sells the vendor's product to customers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.errors import ConflictError


class ResellerStatus(StrEnum):
    AUTHORISED = "authorised"
    SUSPENDED = "suspended"


class ResellerNotAuthorisedError(ConflictError):
    code = "reseller_not_authorised"
    detail = "This reseller is not authorised to have new customers."


@dataclass(frozen=True)
class Reseller:
    id: str
    name: str
    status: ResellerStatus
    locale: str
    version: int
    created_at: datetime

    @property
    def is_authorised(self) -> bool:
        return self.status is ResellerStatus.AUTHORISED
