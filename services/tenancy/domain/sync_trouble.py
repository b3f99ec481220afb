"""What of the synchronisation a person is told: what doesn't mend itself, once a day per cause."""

from datetime import datetime, timedelta
from typing import Final

from services.tenancy.domain.drift import Differing, Drift

DRIFT: Final = "drift"
"""The cause of differences that stay; all other causes are the reasons of rejections."""
QUIET: Final = timedelta(days=1)
_MENDING: Final = timedelta(hours=1)
"""What differs is sent again at once: after this time that has not helped."""


def counts_since(told_at: datetime | None, now: datetime) -> datetime | None:
    """Since when what has happened is to be told now; None where it was told just lately."""
    if told_at is None:
        return now - QUIET
    return told_at if now - told_at >= QUIET else None


def lasting(drift: Drift) -> list[Differing]:
    """What has differed for longer than mending takes."""
    return [one for one in drift.differences if drift.compared_at - one.since >= _MENDING]
