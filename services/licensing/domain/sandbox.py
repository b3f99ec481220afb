"""Sandboxes: tenants for trying things out, whose licences follow a clock that runs ahead.

What is kept of such a licence (its days, when it was suspended) is told by that clock. What leaves
licensing, and what is compared with the time of others, is told by the real one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.licensing.domain.licences import Licence
from shared.contracts.licensing import LicenceTimeline
from shared.errors import ConflictError, FieldError, InvalidError

FURTHEST: Final = timedelta(days=20 * 366)
"""How far ahead a sandbox may run."""


class NotASandboxError(ConflictError):
    code = "not_a_sandbox"
    detail = "This tenant's time is everybody's. Only a sandbox has a clock of its own."


@dataclass(frozen=True)
class SandboxClock:
    """How far a sandbox is ahead of the real time; it never goes back."""

    ahead: timedelta

    def moved(self, forward: timedelta) -> "SandboxClock":
        if self.ahead + forward > FURTHEST:
            text = "A sandbox runs ahead by at most twenty years."
            raise InvalidError(fields=[FieldError("#/body/forward", "too_far", text)])
        return SandboxClock(self.ahead + timedelta(seconds=int(forward.total_seconds())))


def now_of(licence: Licence, now: datetime) -> datetime:
    """What time it is for this licence."""
    return now + licence.ahead


def really(licence: Licence, at: datetime) -> datetime:
    """When that will be for everybody else."""
    return at - licence.ahead


def really_timed(licence: Licence, timeline: LicenceTimeline) -> LicenceTimeline:
    """The timeline as others have to read it."""
    if not licence.ahead:
        return timeline
    return LicenceTimeline(
        starts_at=really(licence, timeline.starts_at),
        expiring_at=really(licence, timeline.expiring_at),
        grace_at=really(licence, timeline.grace_at),
        expired_at=really(licence, timeline.expired_at),
        stopped=timeline.stopped,
    )
