"""The only place that reads a clock; everything else takes `now` or a `Clock` as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present instant, in UTC, to the millisecond (what MongoDB keeps)."""


def utc_now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def monotonic() -> float:
    """Seconds that only ever grow, for ages and time limits inside one process."""
    return time.monotonic()
