"""Measured use: on how many devices a licence that is billed by use ran, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.licensing.domain.terms import today

KEPT_DAYS: Final = 60
"""How many days back a day that was missed can still be measured exactly; removed devices are kept
for longer than that.
"""


@dataclass(frozen=True)
class Measured:
    """The devices that had a seat at the end of this day in Berlin."""

    licence_id: str
    tenant_id: str
    reseller_id: str
    product: str
    day: date
    seats_used: int


def days_to_measure(last: date, now: datetime) -> Iterator[date]:
    """The days after the last one that was measured that are over, oldest first."""
    yesterday = today(now) - timedelta(days=1)
    day = max(last + timedelta(days=1), yesterday - timedelta(days=KEPT_DAYS))
    while day <= yesterday:
        yield day
        day += timedelta(days=1)
