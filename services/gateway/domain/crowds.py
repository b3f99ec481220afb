"""Fair admission: how many requests of one organisation or source are carried out at once.

Whoever sends more is refused at once, before anything is asked or handed on for it, so that the
connections to the services and the time of this process stay there for others.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import TooManyError


class CrowdedError(TooManyError):
    code = "too_many_at_once"
    detail = "Too many of your requests are being carried out at once. Wait for some of them."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=1)


class Crowds:
    """Who is inside, by whom; nobody is remembered who isn't."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._inside)

    @contextmanager
    def inside(self, who: str) -> Iterator[None]:
        """Be counted for as long as it lasts; CrowdedError where there are as many as may be."""
        if self._most and self._inside[who] >= self._most:
            raise CrowdedError
        self._inside[who] += 1
        try:
            yield
        finally:
            self._inside[who] -= 1
            if not self._inside[who]:
                del self._inside[who]
