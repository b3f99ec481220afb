"""Time-limited access that a reseller asks for and the customer grants: one small machine.

requested → active → ended, or requested → denied, withdrawn or lapsed.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.access import Permission, Relation, permissions
from shared.errors import ConflictError

LAPSES_AFTER: Final = timedelta(days=90)
WARNED_DAYS: Final = (30, 7, 1)
DURATION_PATTERN: Final = r"^P([1-9][0-9]{0,2})([DWMY])$"
_MOST: Final = {"D": 731, "W": 104, "M": 24, "Y": 2}


class AccessState(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    ENDED = "ended"


class Move(StrEnum):
    APPROVE = "approve"
    DENY = "deny"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    END = "end"


_MOVES: Final = {
    Move.APPROVE: (AccessState.REQUESTED, AccessState.ACTIVE),
    Move.DENY: (AccessState.REQUESTED, AccessState.DENIED),
    Move.WITHDRAW: (AccessState.REQUESTED, AccessState.WITHDRAWN),
    Move.LAPSE: (AccessState.REQUESTED, AccessState.LAPSED),
    Move.END: (AccessState.ACTIVE, AccessState.ENDED),
}


class AccessStateError(ConflictError):
    code = "access_state"
    detail = "In the state that the access is in, this can't be done."


@dataclass(frozen=True)
class Access:
    id: str
    tenant_id: str
    reseller_id: str
    roles: tuple[str, ...]
    """No more than these roles allow, and to nobody more than his own roles do."""
    duration: str
    reason: str
    requested_at: datetime
    requested_by: str
    state: AccessState = AccessState.REQUESTED
    decided_at: datetime | None = None
    decided_by: str | None = None
    ends_at: datetime | None = None
    """Once approved."""
    next_at: datetime | None = None
    """When it is to be looked at: to warn, to end or to lapse."""
    version: int = 1

    def moved(self, move: Move, now: datetime, by: str | None) -> "Access":
        """After this move; AccessStateError where its state doesn't allow it."""
        before, after = _MOVES[move]
        if self.state is not before or (move is Move.APPROVE and self.is_lapsed(now)):
            raise AccessStateError
        moved = replace(
            self, state=after, decided_at=now, decided_by=by, next_at=None, version=self.version + 1
        )
        if move is Move.APPROVE:
            ends_at = end_of(self.duration, now)
            moved = replace(moved, ends_at=ends_at, next_at=_next(ends_at, now))
        elif move is Move.END:
            moved = replace(moved, ends_at=now)
        return moved

    def is_lapsed(self, now: datetime) -> bool:
        return now >= self.requested_at + LAPSES_AFTER

    def is_active(self, now: datetime) -> bool:
        """Decided by the clock, not by when somebody gets round to writing its end down."""
        return self.state is AccessState.ACTIVE and self.ends_at is not None and now < self.ends_at

    def days_left(self, now: datetime) -> int:
        """Begun days until it ends."""
        return -((now - (self.ends_at or now)) // timedelta(days=1))

    def warned(self, now: datetime) -> "Access":
        """After both sides were told that it ends soon."""
        ends_at = self.ends_at or now
        return replace(self, next_at=_next(ends_at, now), version=self.version + 1)


def first_look(requested_at: datetime) -> datetime:
    return requested_at + LAPSES_AFTER


def is_duration(text: str) -> bool:
    """From a day to two years, in days, weeks, months or years."""
    found = re.fullmatch(DURATION_PATTERN, text)
    return found is not None and int(found.group(1)) <= _MOST[found.group(2)]


def end_of(duration: str, begin: datetime) -> datetime:
    """Months and years by the calendar; where there is no such day, on the month's last."""
    found = re.fullmatch(DURATION_PATTERN, duration)
    if found is None:
        raise ValueError("no duration")
    count, unit = int(found.group(1)), found.group(2)
    if unit in "DW":
        return begin + timedelta(days=count * (7 if unit == "W" else 1))
    months = begin.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = begin.year + months // 12, months % 12 + 1
    day = min(begin.day, calendar.monthrange(year, month)[1])
    return begin.replace(year=year, month=month, day=day)


def granted(accesses: Iterable[Access], now: datetime) -> frozenset[Permission]:
    """What all that is active now allows together."""
    found: frozenset[Permission] = frozenset()
    for access in accesses:
        if access.is_active(now):
            found |= permissions(access.roles, Relation.ASSIGNED)
    return found


def _next(ends_at: datetime, now: datetime) -> datetime:
    """The next warning that is still to come, else the end."""
    marks = [ends_at - timedelta(days=days) for days in WARNED_DAYS]
    return next((mark for mark in marks if mark > now), ends_at)
