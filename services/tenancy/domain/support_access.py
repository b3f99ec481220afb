"""That one of the vendor's support looks into a tenant: why, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(hours=120)
SHORTEST: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class SupportAccess:
    id: str
    tenant_id: str
    account: str
    """It is this person's alone."""
    reason: str
    begins_at: datetime
    ends_at: datetime
    """Earlier than was asked for, where the customer has ended it."""
