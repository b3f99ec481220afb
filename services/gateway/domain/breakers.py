"""A circuit breaker: who has failed again and again is not asked for a while.

Closed, it lets everybody through. After some failures in a row it opens: all are refused at once,
which spares them the wait and the service the load. When the pause is over one request is let
through to try; it closes the breaker or doubles the pause.
"""

from typing import Final

FAILURES: Final = 5
PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 15.0


class Breaker:
    """Of one service; times are monotonic seconds."""

    def __init__(self) -> None:
        self._failures = 0
        self._pause = PAUSE_SECONDS
        self._open_until: float | None = None
        self._is_probed = False

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    def wait_seconds(self, now: float) -> float:
        """How long nobody is let through, 0 for whoever may try now: one probe at a time."""
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        if self._is_probed:
            return self._pause
        self._is_probed = True
        return 0.0

    def succeeded(self) -> None:
        self._failures, self._open_until, self._is_probed = 0, None, False
        self._pause = PAUSE_SECONDS

    def failed(self, now: float) -> None:
        if self._open_until is not None:
            if self._is_probed:
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
                self._open_until, self._is_probed = now + self._pause, False
            return
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = now + self._pause

    def given_up(self) -> None:
        """A request that was let through ended without telling anything: another may try."""
        self._is_probed = False
