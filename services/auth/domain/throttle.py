"""How guessing is slowed down: failures of one kind in one place make the next try wait.

A place is an account, a device that its owner has signed in with, a session, a source or an
organisation. What is held back never counts, so that nobody makes another wait longer than the
pace says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Guess(StrEnum):
    """What was guessed at; each has a counter that the other's success does not reset."""

    PASSWORD = "password"  # noqa: S105 a kind, not a password
    OLD_PASSWORD = "old_password"  # noqa: S105 a kind: of whoever is signed in already
    CODE = "code"
    PASSKEY = "passkey"
    ELSEWHERE = "elsewhere"
    """Answers of the Reseller Portal that are no good; each may cost a question to it."""
    REPORT = "report"
    """Not a guess, but asked as often as one: that a password is forgotten."""


class Scope(StrEnum):
    ACCOUNT = "account"
    DEVICE = "device"
    SESSION = "session"
    """Of whoever is signed in, or about to activate a second factor."""
    SOURCE = "source"
    ORG = "org"


@dataclass(frozen=True)
class Pace:
    """So many failures cost nothing; each further one doubles the wait, up to the longest."""

    free: int
    longest: timedelta
    forget: timedelta
    """One failure is forgotten every so often."""

    @property
    def most(self) -> int:
        """No more failures than these are remembered: enough for the longest wait."""
        return self.free + max(int(self.longest.total_seconds()), 1).bit_length() + 1


@dataclass(frozen=True)
class Place:
    """Where failures of one kind are counted together, and at which pace."""

    guess: Guess
    scope: Scope
    whom: str
    pace: Pace


@dataclass(frozen=True)
class Record:
    """What is remembered of a place."""

    clear_at: datetime
    """When the last of its failures will be forgotten."""
    last_at: datetime


@dataclass(frozen=True)
class Paces:
    """The paces of this installation."""

    account: Pace
    source: Pace
    org: Pace
    reports: Pace


def open_again_at(record: Record, pace: Pace) -> datetime:
    """When the next try counts: at once while failures are free, then after 1, 2, 4 … seconds."""
    over = (record.clear_at - record.last_at) / pace.forget - pace.free
    if over <= 0:
        return record.last_at
    seconds: float = 2 ** min(over - 1, 30)
    return record.last_at + min(timedelta(seconds=seconds), pace.longest)


def is_open(record: Record | None, pace: Pace, now: datetime) -> bool:
    return record is None or now >= open_again_at(record, pace)


def after_failure(record: Record | None, pace: Pace, now: datetime) -> Record:
    begins = max(record.clear_at, now) if record else now
    return Record(min(begins + pace.forget, now + pace.most * pace.forget), now)
