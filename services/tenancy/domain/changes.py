"""What has changed where, in one order over all places, for those who follow it live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.tenancy.domain.activity import Activity

EVERYTHING: Final = "*"
"""The chain under which activities wait for their place in this order; no organisation's id."""
KEPT: Final = timedelta(days=1)
"""How long somebody may have been away and still go on from there."""


@dataclass(frozen=True)
class Change:
    """That something happened, without what it was about in detail."""

    position: int
    type: str
    place: str
    subject: str
    occurred_at: datetime
    orgs: tuple[str, ...]
    """Whose stream it may be in: the place's and its reseller's."""


def moment(now: datetime) -> int:
    """The position of what is filed now: microseconds, so that it tells the time, not how much
    has happened elsewhere.
    """
    return int(now.timestamp() * 1_000_000)


def filed(
    activities: Sequence[Activity], resellers: Mapping[str, str], last: int, now: datetime
) -> list[Change]:
    """Give each of these the next position after the last."""
    first = max(last + 1, moment(now))
    return [
        Change(
            position,
            activity.what,
            activity.place,
            activity.subject,
            activity.at,
            tuple(dict.fromkeys([activity.place, resellers.get(activity.place, activity.place)])),
        )
        for position, activity in enumerate(activities, first)
    ]
