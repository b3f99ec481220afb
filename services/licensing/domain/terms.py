"""The calendar of licences: days in Europe/Berlin, the last one included."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from shared.contracts.licensing import LicenceTimeline

BERLIN: Final = ZoneInfo("Europe/Berlin")
EXPIRING_DAYS: Final = 30
"""A licence is expiring while it has at most this many days left after today."""
GRACE_DAYS: Final = 30
"""For this many days after its last one a licence is still valid."""
ARCHIVE_DAYS: Final = 90
"""After so many days of being expired a licence is archived: nothing brings it back."""
TRIAL_DAYS: Final = 30
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""When an open-ended licence passes into the next state."""


def today(now: datetime) -> date:
    """The calendar day in Berlin at this instant."""
    return now.astimezone(BERLIN).date()


def end_of_term(start: date, months: int) -> date:
    """The last day of a term of whole months whose first day counts (BGB §§ 187 (2), 188 (2), (3)).

    It is the day before the one of the same number; where the last month has no such number, its
    last day. So 2026-03-10 and 12 months end on 2027-03-09, a term of one month from 31 January
    ends on the last of February, and a year from 29 February 2028 ends on 28 February 2029.
    """
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    days = monthrange(year, month)[1]
    if start.day > days:
        return date(year, month, days)
    return date(year, month, start.day) - timedelta(days=1)


def end_of_days(start: date, days: int) -> date:
    """The last of so many days, the first one counted."""
    return start + timedelta(days=days - 1)


@lru_cache(maxsize=10_000)
def timeline(starts_on: date, ends_on: date | None) -> LicenceTimeline:
    """The instants at which a licence of these days, both included, passes from state to state."""
    starts_at = midnight(starts_on)
    if ends_on is None:
        return LicenceTimeline(
            starts_at=starts_at, expiring_at=NEVER, grace_at=NEVER, expired_at=NEVER
        )
    return LicenceTimeline(
        starts_at=starts_at,
        expiring_at=max(starts_at, midnight(ends_on - timedelta(days=EXPIRING_DAYS))),
        grace_at=end_of(ends_on),
        expired_at=end_of(ends_on + timedelta(days=GRACE_DAYS)),
    )


def archived_at(ends_on: date | None) -> datetime:
    """When a licence that nobody has renewed is put away."""
    if ends_on is None:
        return NEVER
    return end_of(ends_on + timedelta(days=GRACE_DAYS + ARCHIVE_DAYS))


def end_of(day: date) -> datetime:
    """The first instant after this day in Berlin."""
    return midnight(day + timedelta(days=1))


def midnight(day: date) -> datetime:
    """The instant at which this day begins in Berlin, in UTC; no change of clocks falls on it."""
    return datetime.combine(day, time(), BERLIN).astimezone(UTC)
